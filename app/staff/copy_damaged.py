"""A sold copy is damaged: one of the reserve takes its number and its place, after a question."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.fulfilment.replacing import replace_damaged
from app.inventory import counts
from app.kernel.errors import AlreadyShipped, BadInput, Conflict, NotFound
from app.reports import run_names, scan_page
from app.reports.scan_page import ScanCopy
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import actor, needs, person, require
from app.staff.order import check_decided, note, order_of
from app.web.house import now, reading, transaction


@bp.get("/copies/<int:copy_id>/damaged")
@needs(Deed.PACK)
def copy_damaged(copy_id: int) -> ResponseReturnValue:
    """What replacing does, and how many are left; without any, what can be done instead."""
    return _ask(copy_id)


@bp.post("/copies/<int:copy_id>/damaged")
@needs(Deed.PACK)
def copy_damaged_do(copy_id: int) -> ResponseReturnValue:
    """Replace it."""
    form = Form()
    try:
        words = form.text("words", "What is wrong with it", most=200)
        form.check()
        with transaction() as session:
            copy = _mine(session, copy_id)
            if copy.order_id is not None:
                check_decided(session, order_of(session, copy.order_id, Deed.PACK))
            done = replace_damaged(session, copy_id, words, now(), actor())
            note(session, "order.copy_replaced", order_of(session, done.order_id, Deed.PACK), copy=copy_id, by=done.copy_id)
            name = run_names.copy_names(session, [done.copy_id])[done.copy_id]
    except (BadInput, Conflict, AlreadyShipped) as no:
        return _ask(copy_id, no)
    flash(_("%(copy)s takes its place. Take one of the reserve, write the number on it, and print the slip again.", copy=name))
    if done.reopened:
        flash(_("The parcel is open again: put the new copy in, then it is packed."))
    return redirect(_back(done.order_id), 303)


def _ask(copy_id: int, no: BadInput | Conflict | AlreadyShipped | None = None) -> ResponseReturnValue:
    with reading() as session:
        copy = _mine(session, copy_id)
        left = counts.reserve(session, copy.run_id)
    may = person().may(copy.label_id, Deed.MAKE)
    back = _back(copy.order_id) if copy.order_id else url_for("staff.copy", copy_id=copy.id)
    about = {"copy": copy, "left": left, "may_manage": may, "back": back, "scanning": _scanning()}
    return form_page("staff/copy_damaged.html", no, {"words": ""}, **about)


def _scanning() -> bool:
    return request.args.get("from") == "scan"


def _back(order_id: int) -> str:
    """To the order; who was scanning has its parcel before them again."""
    return url_for("staff.scan", parcel=order_id) if _scanning() else url_for("staff.order", order_id=order_id)


def _mine(session: Session, copy_id: int) -> ScanCopy:
    copy = scan_page.scan_copy(session, copy_id)
    if copy is None:
        raise NotFound("There is no such copy.")
    require(copy.label_id, Deed.PACK)
    return copy
