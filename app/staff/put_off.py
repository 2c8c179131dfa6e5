"""The way to the first drop on the desk's first page, with what was put off while the shop was set up."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.reports import texts_missing
from app.reports.setup_left import Left
from app.reports.setup_steps import Step
from app.staff.guard import person
from app.staff.setup_steps import STEPS

Row = dict[str, object]
_SAME = {"texts": Step.LABEL, "postage": Step.POSTAGE}  # steps of setting up that are steps to a drop as well


def way(session: Session, steps: Sequence[tuple[Step, bool]], left: Sequence[Left]) -> list[Row]:
    """Every step in words, each with the page where it is done (an owner's or manager's); what was put off says so."""
    later = {each.step: each.label_id for each in left}
    words = {
        Step.LABEL: ("labels", _("Your label"), _("Imprint, terms, privacy, withdrawal: what a fan may hold you to.")),
        Step.POSTAGE: ("postage", _("Postage"), _("Without a rate nothing can be posted, so nothing can be sold.")),
        Step.RELEASE: ("releases", _("A release"), _("A title by an artist, with a catalogue number and artwork.")),
        Step.RUN: ("releases", _("A run"), _("How many, of what, at what price.")),
        Step.PRESS: ("releases", _("Press it"), _("The copies come to be, numbered, once.")),
        Step.DROP: ("drops", _("A drop"), _("When it opens, how many each fan may have. Publish it when you have looked at it.")),
    }
    rows: list[Row] = []
    for step, done in steps:
        name = next((name for name, same in _SAME.items() if same is step and name in later), "")
        endpoint, title, text = words[step]
        may = person().anywhere(Deed.LABEL if step is Step.LABEL else Deed.MAKE)
        href = _where(session, name, later[name]) if name else url_for(f"staff.{endpoint}") if may else None
        rows.append({"title": title, "text": text, "href": href, "done": done, "put_off": bool(name)})
    beside = [name for name in STEPS if name in later and name not in _SAME]
    rows[len(_SAME) : len(_SAME)] = [_row(session, name, later[name]) for name in beside]
    return rows


def _row(session: Session, name: str, label_id: int) -> Row:
    words = {
        "look": _("A logo and inks of your own; without them the shop has Runout's."),
        "mail": _("Nobody has seen yet that mail arrives."),
        "stripe": _("Without Stripe nobody can pay."),
        "machine": _("Worker, backup, clock: something of it does not work, or was never tried."),
    }
    return {"title": STEPS[name], "text": words[name], "href": _where(session, name, label_id), "done": False, "put_off": True}


def _where(session: Session, name: str, label_id: int) -> str:
    """The page of the desk where it is done."""
    if name == "look":
        return url_for("staff.label_inks", label_id=label_id)
    if name == "texts":
        missing = texts_missing.missing(session.get_one(Label, label_id))
        return url_for("staff.label_text", label_id=label_id, which=next(iter(missing), "imprint"))
    return url_for("staff.postage" if name == "postage" else "staff.checks")
