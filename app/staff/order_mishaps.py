"""After the parcel has left: what became of each copy, what is sent for it, and does money go back; one form, one deed."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.roles import Deed
from app.checkout import mishaps
from app.checkout.mishap_answers import Again, Answer, Answers
from app.checkout.mishaps import Done, Seen
from app.fulfilment.models import Trouble
from app.kernel.errors import BadInput, Conflict, Disputed, NotPaid, OverRefund
from app.kernel.money import Money
from app.payments.states import RefundState
from app.reports.mishap_page import MishapPage, mishap_page
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs
from app.staff.order import note, order_of
from app.staff.refund import desk
from app.web.house import now, reading, transaction

HERE = ""  # stays with the fan
No = BadInput | Conflict | Disputed | NotPaid | OverRefund


@bp.get("/orders/<int:order_id>/came-back")
@needs(Deed.GIVE_BACK)
@asks_again
def order_mishaps(order_id: int) -> ResponseReturnValue:
    """The three questions. Conflict where the parcel has not left."""
    page = _page(order_id)
    if not page.order.sent:
        raise Conflict(_("The parcel has not left yet. To take copies out, give their money back or cancel the order."))
    return _form(page)


@bp.post("/orders/<int:order_id>/came-back")
@needs(Deed.GIVE_BACK)
@asks_again
def order_mishaps_do(order_id: int) -> ResponseReturnValue:
    """Do what was answered, all of it or nothing."""
    page = _page(order_id)
    try:
        form = Form()
        answers, looked = _answers(form, page), _looked(form)
        reason = form.text("reason", "The reason", most=200, least=1)
        form.check()
        with transaction() as session:
            found = order_of(session, order_id, Deed.GIVE_BACK)
            done = mishaps.answer(session, order_id, answers, looked, desk(reason), now())
            refund_id = done.refund.id if done.refund else None
            note(session, "order.mishaps", found, copies=done.moved, refund=refund_id, again=done.again_order_id, reason=reason)
    except (BadInput, Conflict, Disputed, NotPaid, OverRefund) as no:
        return _form(page, no)
    _tell(done)
    to = done.again_order_id or order_id
    if done.refund is not None and done.refund.state is RefundState.PROPOSED and done.again_order_id is None:
        return redirect(url_for("staff.refund", refund_id=done.refund.id), 303)
    return redirect(url_for("staff.order", order_id=to), 303)


def _tell(done: Done) -> None:
    if done.refund is not None:
        amount = Money(done.refund.amount, done.refund.currency).format()
        if done.refund.state is RefundState.PROPOSED:
            flash(_("%(amount)s is above the label’s limit, so no money has moved: somebody else must say yes.", amount=amount))
        else:
            flash(_("%(amount)s goes back. The fan is told by mail once Stripe has accepted it.", amount=amount))
    if done.again_order_id is not None:
        flash(_("This order sends it again. It costs nothing, the fan is told by mail, and it waits to be packed like any other."))
    elif done.moved:
        flash(ngettext("One copy has left the order.", "%(num)s copies have left the order.", done.moved))


def _answers(form: Form, page: MishapPage) -> Answers:
    words = form.text("words", "What is wrong with the copies", most=200)
    amount = form.price("amount", "The amount", page.order.left.currency) if form.text("amount", "The amount", most=20) else 0
    copies = {each.id: _answer(form, each.id) for each in page.order.copies}
    said = {id_: each for id_, each in copies.items() if each != Answer()}
    return Answers(said, request.form.get("with_postage") == "1", amount, words)


def _answer(form: Form, copy_id: int) -> Answer:
    what = form.one_of(f"what-{copy_id}", "What became of the copy", [HERE, *Trouble])
    sends = form.one_of(f"again-{copy_id}", "What is sent", list(Again))
    return Answer(Trouble(what) if what else None, Again(sends), request.form.get(f"copy-{copy_id}") == "1")


def _looked(form: Form) -> Seen:
    left = form.whole("left", "What was left", most=10**12)
    return Seen(left, form.whole("mishaps", "What had happened"))


def _page(order_id: int) -> MishapPage:
    with reading() as session:
        return mishap_page(session, order_of(session, order_id, Deed.GIVE_BACK))


def _form(page: MishapPage, no: No | None = None) -> Response:
    """After a refusal the form says what was left when it was made, so that what changed meanwhile is looked at first."""
    nothing = {f"{name}-{each.id}": value for each in page.order.copies for name, value in (("what", HERE), ("again", "nothing"))}
    values = {"amount": "", "words": "", "reason": "", **nothing}
    return form_page("staff/order_mishaps.html", no, values, page=page.order, runs=page.runs, others=page.others)
