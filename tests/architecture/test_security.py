"""What of security can be read off the source, and that docs/security.md says nothing that no test shows."""

import ast
import importlib
import pkgutil
import re
import time

import pytest

import app
from app.staff.queries import LONGEST
from tests.architecture.source import ROOT, modules, tracked_files
from tests.architecture.test_docs import bare, rows

ITEMS = 62  # of ASVS 5.0 that matter to a shop
# Who may speak to the world outside.
OUTSIDE = {"app/kernel/mail.py", "app/kernel/smtp_lines.py", "app/kernel/webhook.py", "app/seed/crowd.py"}
# Who reads what another process of the same shop has written: its own forks, and pages compiled in a folder that is its alone.
OWN_BYTES = {"app/gate/behind.py", "app/gate/frames.py", "app/web/pages.py"}
# Who may throw dice: for spreading load, for drawings, for names of requests. None of it is a secret.
DICE = {"app/kernel/outbox.py", "app/web/busy.py", "app/web/logs.py", "app/worker/jobs.py"}
# Compared as any text is: none of these is a secret.
NO_SECRETS = {"app/staff/join.py: password != again", "app/staff/founding.py: password != request.form.get('again', '')"}


def _imports(tree: ast.AST) -> set[str]:
    found = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return found | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def _importing(*names: str) -> set[str]:
    return {module.path for module in modules("app") if _imports(module.tree) & set(names)}


def test_nothing_is_evaluated_and_no_shell_is_asked() -> None:
    calls = [
        f"{module.path}: {ast.unparse(node.func)}"
        for module in modules("app")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and (ast.unparse(node.func) in {"eval", "exec", "os.system", "os.popen"} or any(k.arg == "shell" for k in node.keywords))
    ]
    assert calls == []
    assert _importing("pickle", "marshal", "shelve", "yaml", "dill") == OWN_BYTES


def test_few_modules_speak_to_the_world() -> None:
    assert _importing("requests", "urllib.request", "http.client", "smtplib", "ftplib", "httpx") == OUTSIDE
    unverified = [module.path for module in modules("app") if re.search(r"verify\s*=\s*False|CERT_NONE", module.text)]
    assert unverified == []


def test_chance_is_never_a_secret() -> None:
    assert {path for path in _importing("random") if not path.startswith(("app/web/drawing/", "app/seed/"))} == DICE


def test_secrets_are_compared_in_constant_time() -> None:
    """By hmac.compare_digest where one is at hand; the database only ever looks up digests of random ones."""
    secret = re.compile(r"(?i)(^|[._(])(\w+_)?(mac|hmac|signature|secret|token|csrf|password)(\(|\)|$)")
    compared = [
        f"{module.path}: {ast.unparse(node)}"
        for module in modules("app")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        and any(secret.search(ast.unparse(side)) for side in (node.left, *node.comparators))
        and not re.search(r"\b[A-Z]\w+\.", ast.unparse(node))  # a column: the database looks it up
    ]
    assert set(compared) == NO_SECRETS
    careful = {module.path for module in modules("app") if "compare_digest(" in module.text}
    assert careful == {
        "app/kernel/tokens.py", "app/shop/metrics.py", "app/accounts/totp.py", "app/staff/checks_mail.py", "app/privacy/record.py",
    }  # fmt: skip


def test_no_pattern_runs_wild() -> None:
    """Fifty thousand signs of what most patterns look for are read in no time; what the desk's search reads is shorter."""
    patterns = {
        f"{info.name}.{name}": found
        for info in pkgutil.walk_packages(app.__path__, "app.")
        if not info.name.endswith("__main__") and not info.name.startswith(("app.gate", "app.serve"))
        for name, found in vars(importlib.import_module(info.name)).items()
        if isinstance(found, re.Pattern) and isinstance(found.pattern, str)
    }
    assert len(patterns) > 10
    for name, pattern in patterns.items():
        for sign in ("a", "0", " ", "-", "a-", "a@", "<", "/", "0."):
            begun = time.process_time()
            pattern.search(sign * (LONGEST if name.startswith("app.reports.finding.") else 50_000) + "\x00")
            assert time.process_time() - begun < 1, f"{name} on {sign!r}"


def test_every_requirement_is_pinned_by_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        pinned = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", _text(name)))
        wanting = [line.split()[0] for line in pinned if line.strip() and not ("==" in line and "--hash=sha256:" in line)]
        assert wanting == []


@pytest.mark.parametrize("group", ["signin", "factor", "session", "staff"])
def test_each_audited_deed_of_a_sign_in_has_a_test(group: str) -> None:
    written = {
        node.value
        for module in modules("app/accounts", "app/staff", "app/cli")
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"audit.note", "deed.note", "_note", "_added", "note"}
        for node in call.args
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(rf"{group}\.\w+", node.value)
    }
    tests = "\n".join(_text(path) for path in tracked_files() if path.startswith("tests/") and path.endswith(".py"))
    assert written
    assert {deed for deed in written if f'"{deed}"' not in tests} == set()


def test_each_item_is_shown_by_tests_that_exist() -> None:
    for _asvs, _item, shown in rows("security"):
        for place in re.findall(r"`([^`]+)`", shown):
            path, _, name = place.partition("::")
            assert re.search(rf"(?m)^def {re.escape(name)}\(", _text(path)), place
        assert "`" in shown


def test_the_items_are_counted() -> None:
    shown = [bare(row[0]) for row in rows("security")]
    assert len(shown) == len(set(shown)) == ITEMS
    assert f"**{ITEMS} of {ITEMS}**" in _text("docs/security.md")


def _text(path: str) -> str:
    return (ROOT / path).read_text()
