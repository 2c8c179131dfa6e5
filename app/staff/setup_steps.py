"""The steps of setting a label up in the browser, in their sequence, and which label is at hand."""

from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, url_for
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app.accounts import setting_up
from app.accounts.roles import Deed
from app.accounts.setting_up import Setup
from app.kernel.errors import NotFound
from app.reports import setup_left
from app.reports.setup_left import Left
from app.staff.asking import No, form_page
from app.staff.guard import label_ids
from app.web.house import house, now, reading, transaction

# By the end of their endpoint; account, second factor and label come before.
STEPS: dict[str, Any] = {
    "look": lazy_gettext("Logo and inks"),
    "texts": lazy_gettext("Texts"),
    "postage": lazy_gettext("Postage"),
    "mail": lazy_gettext("Mail"),
    "stripe": lazy_gettext("Stripe"),
    "machine": lazy_gettext("Backup and clock"),
}
BEFORE = (lazy_gettext("You"), lazy_gettext("Second factor"), lazy_gettext("Label"))
DONE = "done"


@dataclass(frozen=True)
class AtHand:
    """Which label is being set up, what of it is behind, and what of that was put off and is not there yet."""

    label_id: int
    passed: frozenset[str]
    put_off: frozenset[str]


def at_hand() -> AtHand:
    """The label that is being set up; NotFound once that is over, so that none of these pages outlives it."""
    with reading() as session:
        row = _row(session)
        left = setup_left.left(session, house().settings, now(), [row])
        return AtHand(row.label_id, setting_up.passed(row), frozenset(each.step for each in left))


def row_of(session: Session) -> Setup:
    """The same as a row, for a deed."""
    return _row(session)


def first_open(passed: frozenset[str]) -> str:
    """The step to go on with."""
    return next((step for step in STEPS if step not in passed), DONE)


def after(step: str) -> str:
    """The step that comes next."""
    names = [*STEPS, DONE]
    return names[names.index(step) + 1]


def before(step: str) -> str | None:
    """The step that came before; None at the first, as what lies before it is settled."""
    names = [*STEPS, DONE]
    return names[names.index(step) - 1] if names.index(step) else None


def go_on(step: str) -> Response:
    """The step is done, and here is the next one."""
    with transaction() as session:
        setting_up.note_passed(session, _row(session), step)
    return _next(step)


def leave(step: str) -> Response:
    """On to the next one: the step is put off, unless what it is for is there already."""
    with transaction() as session:
        row = _row(session)
        there = setup_left.is_there(session, house().settings, now(), Left(row.label_id, step))
        (setting_up.note_passed if there else setting_up.note_put_off)(session, row, step)
    return _next(step)


def _next(step: str) -> Response:
    return redirect(url_for(f"staff.setup_{after(step)}"), 303)  # type: ignore[return-value]  # werkzeug's, which Flask takes


def step_page(step: str, no: No | None, values: dict[str, Any], **context: Any) -> Response:
    """A step's page with its place on the way."""
    here = at_hand()
    way = [{"text": text, "href": None, "done": True, "put_off": False, "current": False} for text in BEFORE]
    way += [_stop(name, text, here, step) for name, text in STEPS.items()]
    back = before(step)
    context |= {"put_off": [(text, url_for(f"staff.setup_{name}")) for name, text in STEPS.items() if name in here.put_off]}
    context |= {"way": way, "step": step, "label_id": here.label_id, "back": url_for(f"staff.setup_{back}") if back else None}
    return form_page(f"staff/setup_{step}.html", no, values, **context)


def _stop(name: str, text: Any, here: AtHand, step: str) -> dict[str, Any]:
    current = name == step
    reached = name in here.passed or current or name == first_open(here.passed)
    return {
        "text": text,
        "href": url_for(f"staff.setup_{name}") if reached and not current else None,
        "done": name in here.passed - here.put_off,
        "put_off": name in here.put_off,
        "current": current,
    }


def _row(session: Session) -> Setup:
    row = setting_up.unfinished(session, label_ids(Deed.LABEL))
    if row is None:
        raise NotFound("There is nothing at this address.")
    return row
