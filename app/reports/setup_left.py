"""What was put off while a label was set up, and is not there yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import setting_up
from app.accounts.setting_up import Setup
from app.catalogue import logos
from app.catalogue.models import Label
from app.kernel.checkups import State
from app.reports import checks_page, texts_missing
from app.reports.checks_page import CheckRow
from app.reports.setup_steps import Step, steps
from app.settings import Settings

# The steps that are looked at and not filled in, each with its checks.
CHECKS = {"mail": ("mail",), "stripe": ("stripe", "webhook"), "machine": ("worker", "backup", "clock")}


@dataclass(frozen=True)
class Left:
    """A step that was put off, by its name, and of which label."""

    label_id: int
    step: str


def left(session: Session, settings: Settings, now: datetime, rows: Sequence[Setup]) -> tuple[Left, ...]:
    """Of all these, in no particular sequence."""
    wanted = [Left(row.label_id, step) for row in rows for step in sorted(setting_up.put_off(row))]
    return tuple(each for each in wanted if not is_there(session, settings, now, each))


def is_there(session: Session, settings: Settings, now: datetime, each: Left) -> bool:
    """Is what the step is for there by now, wherever it was done?"""
    if each.step in CHECKS:
        rows = checks_page.rows(session, settings, now, [])
        return well([row for row in rows if row.name in CHECKS[each.step]])
    return _FACTS[each.step](session, session.get_one(Label, each.label_id))


def well(rows: Sequence[CheckRow]) -> bool:
    """Was each of them looked at, with nothing left to do?"""
    return all(row.state is State.GOOD or (row.state is State.NOTE and row.at is not None) for row in rows)


def _look(session: Session, label: Label) -> bool:
    own = (label.ink_loud, label.ink_quiet) != (Label.ink_loud.default.arg, Label.ink_quiet.default.arg)
    return own or logos.of(session, label.id) is not None


def _texts(_session: Session, label: Label) -> bool:
    return not texts_missing.missing(label)


def _postage(session: Session, label: Label) -> bool:
    return dict(steps(session, [label.id]))[Step.POSTAGE]


_FACTS: dict[str, Callable[[Session, Label], bool]] = {"look": _look, "texts": _texts, "postage": _postage}
