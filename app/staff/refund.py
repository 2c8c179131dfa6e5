"""Give money of an order back: the form, the page that shows what it comes to, and the deed."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.checkout import refund
from app.checkout.parts import Plan
from app.checkout.refund import By
from app.kernel.errors import BadInput, Conflict, Disputed, OverRefund
from app.payments.models import RefundOrigin
from app.payments.states import RefundState
from app.reports import given_back
from app.reports.refund_page import RefundPage, refund_page
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import actor, asks_again, needs, person
from app.staff.order import note, order_of
from app.staff.refund_form import WHOLE, plan
from app.web.house import now, reading, transaction


@bp.get("/orders/<int:order_id>/refund")
@needs(Deed.GIVE_BACK)
@asks_again
def order_refund(order_id: int) -> ResponseReturnValue:
    """The form; NotPaid where there is no money to give back, Disputed while the bank has its hand on it."""
    with reading() as session:
        found = order_of(session, order_id, Deed.GIVE_BACK)
        refund.check_possible(session, refund.look(session, found))
    return _form(order_id)


@bp.post("/orders/<int:order_id>/refund/check")
@needs(Deed.GIVE_BACK)
@asks_again
def order_refund_check(order_id: int) -> ResponseReturnValue:
    """What the choice comes to, before anything is done."""
    try:
        wish, reason = _read(order_id)
        with reading() as session:
            found = order_of(session, order_id, Deed.GIVE_BACK)
            comes_to = refund.outlook(session, refund.look(session, found), wish)
            lines = given_back.lines(session, comes_to.parts, comes_to.amount.currency)
            page = refund_page(session, found)
    except (BadInput, Conflict, OverRefund, Disputed) as no:
        return _form(order_id, no)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return Response(
        render_template(
            "staff/refund_check.html",
            page=page,
            plan=wish,
            comes_to=comes_to,
            lines=lines,
            reason=reason,
            fields=[*fields, ("shown", comes_to.amount.amount), ("left", comes_to.left)],
        )
    )


@bp.post("/orders/<int:order_id>/refund")
@needs(Deed.GIVE_BACK)
@asks_again
def order_refund_do(order_id: int) -> ResponseReturnValue:
    """Do it, or propose it to a second person."""
    try:
        wish, reason = _read(order_id)
        form = Form()
        shown = form.whole("shown", "The sum", most=10**12)
        left = form.whole("left", "What was left", most=10**12)
        form.check()
        with transaction() as session:
            found = order_of(session, order_id, Deed.GIVE_BACK)
            made = refund.ask(session, order_id, wish, shown, desk(reason), now(), left=left)
            note(session, "order.refund_asked", found, refund=made.id, amount=made.amount, reason=reason)
    except (BadInput, Conflict, OverRefund, Disputed) as no:
        return _form(order_id, no)
    return told(order_id, made.id, made.state)


def desk(reason: str) -> By:
    """The signed-in person as who gives money back."""
    return By(RefundOrigin.DESK, actor(), reason, person().id)


def told(order_id: int, refund_id: int, state: RefundState) -> ResponseReturnValue:
    """Back to the order, or to the refund that waits for its second person."""
    if state is RefundState.PROPOSED:
        flash(_("It is above the label’s limit, so nothing has moved yet: somebody else has to say yes."))
        return redirect(url_for("staff.refund", refund_id=refund_id), 303)
    flash(_("It goes back. The fan is told by mail once Stripe has accepted it."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


def _read(order_id: int) -> tuple[Plan, str]:
    with reading() as session:
        page = refund_page(session, order_of(session, order_id, Deed.GIVE_BACK))
    form = Form()
    wish = plan(form, page)
    reason = form.text("reason", "The reason", most=200, least=1)
    form.check()
    return wish, reason


def _form(order_id: int, no: BadInput | Conflict | OverRefund | Disputed | None = None) -> Response:
    with reading() as session:
        found = order_of(session, order_id, Deed.GIVE_BACK)
        page = refund_page(session, found)
    return form_page("staff/refund_form.html", no, _values(page), page=page)


def _values(page: RefundPage) -> dict[str, object]:
    """As the form begins: everything that is left, copies back on sale while they are here, with the fan once they left."""
    fate = "kept" if page.sent else "put_back"
    return {"what": WHOLE, "amount": "", "words": "", "reason": "", **{f"fate-{each.id}": fate for each in page.copies}}
