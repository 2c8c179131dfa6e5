"""The desk's first page, and drop day on one screen."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import setting_up
from app.accounts.roles import Deed
from app.drops.models import Drop
from app.kernel.errors import NotFound
from app.reports import desk_day, desk_home
from app.reports.drop_page import whole
from app.reports.setup_steps import Step
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person, require
from app.web.house import now, reading


@bp.get("/")
@needs(Deed.SEE)
def home() -> ResponseReturnValue:
    """What needs a person, what is on sale, what comes, what was done; the way to the first drop while there is none."""
    with reading() as session:
        page = desk_home.desk_home(session, label_ids(Deed.SEE), now(), label_ids(Deed.GIVE_BACK))
        unfinished = page.first and setting_up.unfinished(session, label_ids(Deed.LABEL)) is not None
    may = person().anywhere
    return render_template(
        "staff/home.html", page=page, steps=_steps(page), may_manage=may(Deed.GIVE_BACK), may_pack=may(Deed.PACK),
        may_read_books=may(Deed.BOOKS), unfinished=unfinished,
    )  # fmt: skip


@bp.get("/drops/<int:drop_id>/day")
@needs(Deed.SEE)
def day(drop_id: int) -> ResponseReturnValue:
    """Readable from across the kitchen; asks again by itself."""
    with reading() as session:
        drop = session.scalar(select(Drop).where(Drop.id == drop_id).options(*whole()))
        if drop is None:
            raise NotFound("There is no such drop.")
        who = require(drop.label_id, Deed.SEE)
        if not drop.entries:
            raise NotFound("This drop sells nothing yet, so it has no day.")
        page = desk_day.desk_day(session, drop, now())
    steering = who.may(drop.label_id, Deed.MAKE)
    return render_template("staff/day.html", page=page, steering=steering, seen=request.args.get("seen", ""))


def _steps(page: desk_home.DeskHome) -> list[dict[str, object]]:
    """The steps of setting up in words, each with the page where it is done (an owner's or manager's)."""
    words = {
        Step.LABEL: ("labels", _("Your label"), _("Imprint and terms are what a fan may hold you to.")),
        Step.POSTAGE: ("postage", _("Postage"), _("Without a rate nothing can be posted, so nothing can be sold.")),
        Step.RELEASE: ("releases", _("A release"), _("A title by an artist, with a catalogue number and artwork.")),
        Step.RUN: ("releases", _("A run"), _("How many, of what, at what price.")),
        Step.PRESS: ("releases", _("Press it"), _("The copies come to be, numbered, once.")),
        Step.DROP: ("drops", _("A drop"), _("When it opens, how many each fan may have. Publish it when you have looked at it.")),
    }
    who = person()
    may = {step: who.anywhere(Deed.LABEL if step is Step.LABEL else Deed.MAKE) for step in Step}
    return [
        {
            "title": words[step][1],
            "text": words[step][2],
            "href": url_for(f"staff.{words[step][0]}") if may[step] else None,
            "done": done,
        }
        for step, done in page.open_steps
    ]
