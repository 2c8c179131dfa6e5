"""The house's manners that a syntax tree can show: imports on top, one clock, one committer, one writer of stock."""

import ast
import re

import pytest

from tests.architecture.source import Function, Module, called, modules

APP = modules("app")

EDGES = ("app/shop/", "app/staff/", "app/worker", "app/cli/", "app/seed/", "app/web/", "app/factory.py", "app/checkout/")
STOCK = {"Copy", "Hold", "StockMovement"}
STOCK_SQL = re.compile(r"\b(insert\s+into|update|delete\s+from)\s+(copies|holds|stock_movements)\b", re.IGNORECASE)

# Where text that is already HTML is made, each with its reason. Everything else is escaped by Jinja.
MAKES_HTML = {
    "app/web/drawing/objects.py": "draws SVG from numbers and escaped names",
    "app/web/options.py": "writes options from escaped values and texts",
    "app/web/prose.py": "the one door for Markdown, sanitised by nh3",
}


def _outside(folder: str) -> list[Module]:
    return [module for module in APP if not module.path.startswith(folder)]


def test_imports_stand_at_the_top() -> None:
    inner = [
        f"{module.at(node)}: {module.line(node).strip()}"
        for module in APP
        for function in module.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and "# slow import:" not in module.line(node)
    ]
    assert inner == []


def test_only_the_clock_reads_the_clock() -> None:
    readers = {"now", "utcnow", "today"}
    wrong = [
        f"{module.at(call)}: {module.line(call).strip()}"
        for module in _outside("app/kernel/clock.py")
        for call in module.calls
        if (called(call) in readers and isinstance(call.func, ast.Attribute) and _is(call.func.value, {"datetime", "date", "func"}))
        or (called(call) == "time" and isinstance(call.func, ast.Attribute) and _is(call.func.value, {"time"}))
    ]
    assert wrong == []


def test_only_the_kernel_commits() -> None:
    # Turns does for SQLite's writers what db.py does for all.
    doors = {
        "app/kernel/db.py",
        "app/kernel/turns.py",
        "app/cli/db.py",
    }  # the command line for migrations, which have a connection and no session
    wrong = [module.at(call) for module in APP for call in module.calls if called(call) == "commit" and module.path not in doors]
    assert wrong == []


def test_transactions_begin_at_the_edges() -> None:
    """`transaction` is for shop, staff, worker, the command line, and the verbs of checkout that call Stripe."""
    wrong = [
        module.at(call)
        for module in APP
        for call in module.calls
        if called(call) == "transaction" and not module.path.startswith((*EDGES, "app/kernel/db.py"))
    ]
    assert wrong == []


def test_only_inventory_makes_and_changes_stock() -> None:
    outside = _outside("app/inventory/")
    wrong = [
        f"{module.at(call)}: {module.line(call).strip()}"
        for module in outside
        for call in module.calls
        if called(call) in STOCK or (called(call) in {"insert", "update", "delete"} and call.args and _is(call.args[0], STOCK))
    ]
    assert wrong == []


def test_no_other_sql_text_writes_stock() -> None:
    wrong = [
        module.at(node)
        for module in _outside("app/inventory/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STOCK_SQL.search(node.value)
    ]
    assert wrong == []


def test_no_other_package_sets_a_field_of_stock() -> None:
    """As far as names tell: nothing called copy, hold or movement is assigned to."""
    wrong = [
        f"{module.at(node)}: {module.line(node).strip()}"
        for module in _outside("app/inventory/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is(node.value, {"copy", "hold", "movement"})
    ]
    assert wrong == []


def test_ready_made_html_comes_from_few_places() -> None:
    makers = {module.path for module in APP for call in module.calls if called(call) in {"Markup", "escape_silent"}}
    assert makers - set(MAKES_HTML) == set()


def test_stripe_and_its_names_stay_in_two_files() -> None:
    doors = {"app/payments/gateway.py", "app/payments/inbox.py"}
    users = {module.path for module in APP for name in _imported(module) if name.split(".")[0] == "stripe"}
    assert users <= doors


@pytest.mark.parametrize("package", ["kernel", "accounts", "payments", "catalogue", "inventory", "drops", "orders"])
def test_the_domain_does_not_know_the_web(package: str) -> None:
    users = [m.path for m in modules(f"app/{package}") for n in _imported(m) if n.startswith(("flask", "werkzeug", "wtforms"))]
    assert users == []


def test_public_functions_say_what_they_promise() -> None:
    mute = [
        f"{module.at(function)} {function.name}"
        for module in APP
        for function in module.tree.body
        if isinstance(function, Function) and not function.name.startswith("_") and not ast.get_docstring(function)
    ]
    assert mute == []


def _is(node: ast.AST, names: set[str]) -> bool:
    """Is this expression one of these names, or an attribute so called?"""
    return (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr in names)


def _imported(module: Module) -> list[str]:
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
    return found
