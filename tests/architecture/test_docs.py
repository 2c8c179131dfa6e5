"""What the documents say in tables and links is what the code does: states, invariants, settings, limits, refusals, commands.

A table after `<!-- checked: name -->` is compared with the code; a new state, setting or invariant needs its row.
"""

import importlib
import re
import tomllib
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from enum import StrEnum

import click
import pytest
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.roles import MAY, Deed, Role
from app.alerts import CHECKS
from app.cli import commands
from app.fulfilment.parcels import MOVES as PARCEL_MOVES
from app.invariants import INVARIANTS
from app.inventory.shortfalls import MOVES as SHORTFALL_MOVES
from app.inventory.states import COPY_MOVES, HOLD_MOVES
from app.kernel import errors
from app.kernel.errors import Refusal
from app.kernel.outbox import JobState
from app.orders.models import OrderState
from app.payments.states import ATTEMPT_MOVES, DISPUTE_MOVES, PAYMENT_MOVES, REFUND_MOVES
from app.settings import Settings
from app.worker import JOBS, SCHEDULE
from tests.architecture.source import ROOT, tracked_files

LIFE_CYCLES = {
    "copy": COPY_MOVES,
    "hold": HOLD_MOVES,
    "shortfall": SHORTFALL_MOVES,
    "attempt": ATTEMPT_MOVES,
    "payment": PAYMENT_MOVES,
    "refund": REFUND_MOVES,
    "dispute": DISPUTE_MOVES,
    "parcel": PARCEL_MOVES,
}
DOCS = [path for path in tracked_files() if path.endswith(".md") and (path.startswith("docs/") or "/" not in path)]
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


def rows(name: str) -> list[list[str]]:
    """The cells of the checked table of that name, without its head."""
    marker = f"<!-- checked: {name} -->\n"
    holders = [text for path in DOCS if marker in (text := (ROOT / path).read_text())]
    assert len(holders) == 1, f"one document has the table {name}, not {len(holders)}"
    after = holders[0].split(marker)[1].lstrip("\n").splitlines()
    table = after[: next((n for n, line in enumerate(after) if not line.startswith("|")), len(after))]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table[2:]]


def bare(cell: str) -> str:
    """A cell without its backticks."""
    return cell.replace("`", "")


@pytest.mark.parametrize("name", LIFE_CYCLES)
def test_life_cycles(name: str) -> None:
    moves: dict[StrEnum, frozenset[StrEnum]] = LIFE_CYCLES[name]  # type: ignore[assignment]  # each has an enum of its own
    written = {bare(state): set(bare(after).replace("–", "").replace(",", " ").split()) for state, after, *_ in rows(name)}
    assert written == {state.value: {each.value for each in after} for state, after in moves.items()}


@pytest.mark.parametrize(("name", "states"), [("order", OrderState), ("job", JobState)])
def test_stored_states(name: str, states: type[StrEnum]) -> None:
    assert [bare(row[0]) for row in rows(name)] == [state.value for state in states]


def test_roles() -> None:
    written = [(bare(deed), cells[: len(Role)]) for deed, *cells in rows("roles")]
    assert written == [(deed.value, ["yes" if deed in MAY[role] else "–" for role in Role]) for deed in Deed]


def test_invariants() -> None:
    assert [(bare(id_), why) for id_, why in rows("invariants")] == [(each.id, each.why) for each in INVARIANTS]


def test_settings() -> None:
    def default(field: Field[object]) -> str:
        return "required" if field.default is MISSING else "–" if field.default is None else str(field.default)

    assert [(bare(name), bare(value)) for name, value, _ in rows("settings")] == [
        (each.name.upper(), default(each)) for each in fields(Settings)
    ]


def test_limits() -> None:
    written = {bare(place): value for _, value, place in rows("limits")}
    assert written == {place: _value(place) for place in written}


def test_refusals() -> None:
    ours = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Refusal) and each is not Refusal]
    assert {(bare(a), int(b), bare(c)) for a, b, c, _ in rows("refusals")} == {(r.__name__, r.status, r.code) for r in ours}


def test_jobs() -> None:
    assert {bare(row[0]) for row in rows("jobs")} == set(JOBS)


def test_alerts() -> None:
    assert [(bare(id_), what) for id_, what in rows("alerts")] == [(each.id, each.what) for each in CHECKS]


def test_schedule() -> None:
    assert [(every, what) for every, what in rows("schedule")] == [(_words(every), what) for every, what, _ in SCHEDULE]


def test_commands() -> None:
    loaded = [commands.load(name) for name in commands.COMMANDS]
    single = {f"flask {each.name}" for each in loaded if not isinstance(each, click.Group)}
    grouped = {f"flask {each.name} {inner}" for each in loaded if isinstance(each, click.Group) for inner in each.commands}
    assert {bare(row[0]) for row in rows("commands")} == single | grouped


def test_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each for each in contracts if each["id"] == "layers")["layers"]
    assert [bare(row[0]) for row in rows("layers")] == [re.sub(r"[()]", "", layer).replace(" | ", ", ") for layer in layers]


def test_requirements_have_reasons() -> None:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    names = [re.split(r"[\[<>=~;\s]", line, maxsplit=1)[0] for line in lines if line and not line.startswith("#")]
    assert sorted(bare(row[0]) for row in rows("requirements")) == sorted(names)


def test_decisions() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    for number, path in enumerate(DECISIONS, 1):
        text = path.read_text()
        title = text.splitlines()[0]
        assert path.name.startswith(f"{number:04d}-")
        assert title.startswith(f"# {number}. ")
        assert "\nRejected: " in text, path.name
        assert f"[{title.removeprefix('# ')}]({path.name})" in index


def test_links_lead_somewhere() -> None:
    link = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
    wrong = [
        f"{path}: {target}"
        for path in DOCS
        for target in link.findall((ROOT / path).read_text())
        if not target.startswith(("http://", "https://", "mailto:")) and not ((ROOT / path).parent / target).resolve().exists()
    ]
    assert wrong == []


def test_version_is_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def _value(place: str) -> str:
    """The value of 'app.package.module.NAME' or of a column's default, in words."""
    module, _, name = place.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        inner, _, table = module.rpartition(".")
        found = getattr(getattr(importlib.import_module(inner), table), name)
    return _words(found.property.columns[0].default.arg if isinstance(found, InstrumentedAttribute) else found)


def _words(value: object) -> str:
    if not isinstance(value, timedelta):
        return str(value)
    seconds = int(value.total_seconds())
    for size, word in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            return f"{seconds // size} {word}{'' if seconds == size else 's'}"
    return str(value)
