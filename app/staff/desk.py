"""The desk's first page, and drop day on one screen."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts import setting_up
from app.accounts.roles import Deed
from app.drops.models import Drop
from app.kernel.errors import NotFound
from app.reports import desk_day, desk_home, setup_left
from app.reports.drop_page import whole
from app.staff import put_off
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person, require
from app.web.house import house, now, reading


@bp.get("/")
@needs(Deed.SEE)
def home() -> ResponseReturnValue:
    """What needs a person, what is on sale, what comes, what was done; the way to the first drop while there is none."""
    with reading() as session:
        page = desk_home.desk_home(session, label_ids(Deed.SEE), now(), label_ids(Deed.GIVE_BACK))
        begun = setting_up.begun(session, label_ids(Deed.LABEL)) if page.first else ()
        steps = put_off.way(session, page.open_steps, setup_left.left(session, house().settings, now(), begun))
    may = person().anywhere
    return render_template(
        "staff/home.html", page=page, steps=steps, may_manage=may(Deed.GIVE_BACK), may_pack=may(Deed.PACK),
        may_read_books=may(Deed.BOOKS), unfinished=any(row.finished_at is None for row in begun),
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
