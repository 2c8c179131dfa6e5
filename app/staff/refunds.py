"""One refund: a second person says yes or no, and one that fell through is tried again or paid back another way."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.checkout import fallen, second
from app.kernel.errors import BadInput, Conflict, Disputed, Forbidden, NotFound, OverRefund
from app.orders.models import Order
from app.payments.models import Refund
from app.payments.states import FELL_THROUGH, RefundState
from app.reports import refund_desk
from app.staff.alone import reason_alone
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person
from app.staff.order import note, order_of
from app.staff.refund import desk
from app.web.house import now, reading, transaction

No = BadInput | Conflict | OverRefund | Disputed | Forbidden


@bp.get("/refunds/<int:refund_id>")
@needs(Deed.BOOKS)
def refund(refund_id: int) -> ResponseReturnValue:
    """What it stands for, and what may be done with it."""
    return _page(refund_id)


@bp.post("/refunds/<int:refund_id>/confirm")
@needs(Deed.GIVE_BACK)
@asks_again
def refund_confirm(refund_id: int) -> ResponseReturnValue:
    """Say yes. A single owner who asked for it themselves gives their password and a reason."""
    try:
        reason = reason_alone() if _mine(refund_id) else ""
        with transaction() as session:
            _found, order = _of(session, refund_id)
            second.confirm(session, refund_id, desk(reason), now())
            note(session, "order.refund_confirmed", order, refund=refund_id, reason=reason or None)
    except (BadInput, Conflict, OverRefund, Disputed, Forbidden) as no:
        return _page(refund_id, no)
    flash(_("It goes back. The fan is told by mail once Stripe has accepted it."))
    return redirect(url_for("staff.order", order_id=order.id), 303)


@bp.post("/refunds/<int:refund_id>/decline")
@needs(Deed.GIVE_BACK)
def refund_decline(refund_id: int) -> ResponseReturnValue:
    """Say no, or take back one's own."""
    with transaction() as session:
        _found, order = _of(session, refund_id)
        second.decline(session, refund_id, now())
        note(session, "order.refund_declined", order, refund=refund_id)
    flash(_("Declined. Nothing has moved."))
    return redirect(url_for("staff.order", order_id=order.id), 303)


@bp.post("/refunds/<int:refund_id>/repeat")
@needs(Deed.GIVE_BACK)
@asks_again
def refund_repeat(refund_id: int) -> ResponseReturnValue:
    """Try one that fell through again."""
    try:
        with transaction() as session:
            _found, order = _of(session, refund_id)
            again = fallen.repeat(session, refund_id, person().id, now())
            note(session, "order.refund_repeated", order, refund=again.id)
    except (Conflict, OverRefund, Disputed) as no:
        return _page(refund_id, no)
    flash(_("It is tried again."))
    return redirect(url_for("staff.order", order_id=order.id), 303)


@bp.post("/refunds/<int:refund_id>/paid-otherwise")
@needs(Deed.GIVE_BACK)
@asks_again
def refund_paid_otherwise(refund_id: int) -> ResponseReturnValue:
    """The fan has the money by other means."""
    try:
        form = Form()
        how = form.text("how", "How it was paid back", most=200, least=1)
        form.check()
        with transaction() as session:
            _found, order = _of(session, refund_id)
            fallen.paid_otherwise(session, refund_id, how, now())
            note(session, "order.refund_paid_otherwise", order, refund=refund_id, reason=how)
    except (BadInput, Conflict, OverRefund) as no:
        return _page(refund_id, no)
    flash(_("Noted. It counts as given back."))
    return redirect(url_for("staff.order", order_id=order.id), 303)


@bp.post("/refunds/<int:refund_id>/replaced")
@needs(Deed.GIVE_BACK)
@asks_again
def refund_replaced(refund_id: int) -> ResponseReturnValue:
    """Another refund stands for it."""
    try:
        with transaction() as session:
            _found, order = _of(session, refund_id)
            fallen.replaced(session, refund_id, now())
            note(session, "order.refund_replaced", order, refund=refund_id)
    except Conflict as no:
        return _page(refund_id, no)
    flash(_("Noted. Another refund stands for it."))
    return redirect(url_for("staff.order", order_id=order.id), 303)


def _of(session: Session, refund_id: int, may: Deed = Deed.GIVE_BACK) -> tuple[Refund, Order]:
    """A refund and its order, if the person may have to do with it."""
    found = session.get(Refund, refund_id)
    if found is None or found.order_id is None:
        raise NotFound("There is no such refund.")
    return found, order_of(session, found.order_id, may)


def _mine(refund_id: int) -> bool:
    with reading() as session:
        found, _order = _of(session, refund_id)
        return found.asked_by == person().id


def _page(refund_id: int, no: No | None = None) -> Response:
    with reading() as session:
        found, order = _of(session, refund_id, Deed.BOOKS)
        page = refund_desk.refund_desk(session, found, order, person().id, now())
    return form_page(
        "staff/refund.html",
        no,
        {"how": "", "why": ""},
        page=page,
        may_give_back=person().may(order.label_id, Deed.GIVE_BACK),
        proposed=page.state is RefundState.PROPOSED,
        fell_through=page.state in FELL_THROUGH,
    )
