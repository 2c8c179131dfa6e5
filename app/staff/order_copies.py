"""Cancel an order, and decide about copies whose money went back: of each, on sale again or withdrawn."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.checkout import cancel
from app.checkout import decide as decisions
from app.kernel.errors import AlreadyShipped, BadInput, Conflict, Disputed
from app.payments.models import Fate
from app.payments.states import RefundState
from app.reports.refund_page import refund_page
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import actor, asks_again, needs
from app.staff.order import note, order_of
from app.staff.refund import desk, told
from app.staff.refund_form import copies
from app.web.house import now, reading, transaction

GO, STAY = [Fate.PUT_BACK.value, Fate.WITHDRAWN.value], Fate.KEPT.value


@bp.get("/orders/<int:order_id>/cancel")
@needs(Deed.GIVE_BACK)
@asks_again
def order_cancel(order_id: int) -> ResponseReturnValue:
    """What cancelling does, and what becomes of the copies. Conflict, AlreadyShipped or Disputed where it cannot be."""
    with reading() as session:
        found = order_of(session, order_id, Deed.GIVE_BACK)
        cancel.check_possible(session, found)
    return _cancel_form(order_id)


@bp.post("/orders/<int:order_id>/cancel")
@needs(Deed.GIVE_BACK)
@asks_again
def order_cancel_do(order_id: int) -> ResponseReturnValue:
    """Cancel it; above the label's limit a second person is asked first."""
    try:
        with reading() as session:
            page = refund_page(session, order_of(session, order_id, Deed.GIVE_BACK))
        form = Form()
        chosen, reason = copies(form, (each.id for each in page.copies), GO), form.text("reason", "The reason", most=200, least=1)
        form.check()
        with transaction() as session:
            found = order_of(session, order_id, Deed.GIVE_BACK)
            made = cancel.cancel(session, order_id, chosen, desk(reason), now())
            waits = made is not None and made.state is RefundState.PROPOSED
            deed = "order.cancel_proposed" if waits else "order.cancelled"
            note(session, deed, found, reason=reason, refund=made.id if made else None)
    except (BadInput, Conflict, AlreadyShipped, Disputed) as no:
        return _cancel_form(order_id, no)
    if made is not None:
        return told(order_id, made.id, made.state)
    flash(_("Cancelled. The fan is told by mail."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


@bp.get("/orders/<int:order_id>/copies")
@needs(Deed.GIVE_BACK)
def order_copies(order_id: int) -> ResponseReturnValue:
    """The copies that wait for a decision, and those that a fan may have sent back."""
    return _copies_form(order_id)


@bp.post("/orders/<int:order_id>/copies")
@needs(Deed.GIVE_BACK)
def order_copies_do(order_id: int) -> ResponseReturnValue:
    """Decide about those that were chosen."""
    try:
        with reading() as session:
            page = refund_page(session, order_of(session, order_id, Deed.GIVE_BACK))
            waiting = [each.id for each in page.copies if each.fate is not None]
        form = Form()
        chosen = copies(form, waiting, [STAY, *GO])
        form.check()
        with transaction() as session:
            found = order_of(session, order_id, Deed.GIVE_BACK)
            moved = decisions.decide(session, order_id, chosen, actor(), now())
            note(session, "order.copies_decided", found, copies=moved)
    except (BadInput, Conflict) as no:
        return _copies_form(order_id, no)
    flash(_("Done. Each copy keeps it in its history."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


def _cancel_form(order_id: int, no: BadInput | Conflict | AlreadyShipped | Disputed | None = None) -> Response:
    return _form("staff/order_cancel.html", order_id, "put_back", no)


def _copies_form(order_id: int, no: BadInput | Conflict | None = None) -> Response:
    return _form("staff/order_copies.html", order_id, STAY, no)


def _form(template: str, order_id: int, fate: str, no: BadInput | Conflict | AlreadyShipped | Disputed | None) -> Response:
    with reading() as session:
        page = refund_page(session, order_of(session, order_id, Deed.GIVE_BACK))
    values = {"words": "", "reason": "", **{f"fate-{each.id}": fate for each in page.copies}}
    return form_page(template, no, values, page=page)
