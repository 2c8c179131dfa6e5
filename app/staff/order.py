"""One order at the desk: its history, a mistyped address put right, the confirmation sent again."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.checkout import correct
from app.fulfilment import carriers, together
from app.kernel.errors import BadInput, Conflict, NotFound
from app.orders.models import Order, OrderState
from app.reports import order_desk, order_list
from app.reports.awaited import awaited
from app.staff import deed as deed_log
from app.staff.blueprint import bp
from app.staff.guard import needs, person, require
from app.web import forms, links
from app.web.house import now, reading, transaction


@bp.get("/orders/<int:order_id>")
@needs(Deed.SEE)
def order(order_id: int) -> ResponseReturnValue:
    """One order with all that happened to it."""
    return order_answer(order_id)


@bp.post("/orders/<int:order_id>/email")
@needs(Deed.CORRECT)
def order_email(order_id: int) -> ResponseReturnValue:
    """Put a mistyped address right and confirm the order to the right one; the audit log keeps no address."""
    try:
        email = forms.text("email", label="The e-mail address", most=254, least=3)
        with transaction() as session:
            found = order_of(session, order_id, Deed.CORRECT)
            corrected = correct.correct_email(session, order_id, email, now())
            note(session, "order.email_corrected", found)
    except BadInput as no:
        return order_answer(order_id, no)
    goes_out = _("The confirmation goes out again.") if corrected.state is OrderState.PLACED else ""
    flash(" ".join(filter(None, (_("The address is corrected. The link in the old mail no longer works."), goes_out))))
    return redirect(url_for("staff.order", order_id=order_id), 303)


@bp.post("/orders/<int:order_id>/confirm-again")
@needs(Deed.CORRECT)
def order_confirm_again(order_id: int) -> ResponseReturnValue:
    """Send the confirmation once more."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.CORRECT)
        queued = correct.send_again(session, order_id, now())
        if queued:
            note(session, "order.confirmation_sent_again", found)
    flash(_("The confirmation goes out again.") if queued else _("A confirmation is waiting to be sent already."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


def check_decided(session: Session, order: Order) -> None:
    """Conflict while a refund that takes copies out waits for a second person: a parcel that leaves would decide it."""
    waits = awaited(session, together.order_ids(session, order.id))
    if order.id in waits:
        raise Conflict(_("A refund of this order waits for a second person. It must be confirmed or declined first."))
    if waits:
        raise Conflict(_("A refund of another order in this parcel waits for a second person. It must be decided first."))


def order_answer(order_id: int, no: BadInput | None = None) -> ResponseReturnValue:
    """The page of an order; after a refused form with its sentences, its status, and what was typed."""
    with reading() as session:
        found = order_of(session, order_id, Deed.SEE)
        page = order_desk.order_desk(session, found)
        link = links.order_link(found)
        last = order_list.last_carrier(session, [found.label_id])
    may = {deed: person().may(page.label_id, deed) for deed in Deed}
    choices = carriers.choices(page.row.postage.carrier, last)
    body = render_template(
        "staff/order.html",
        page=page,
        link=link,
        may_pack=may[Deed.PACK],
        may_manage=may[Deed.CORRECT] and may[Deed.GIVE_BACK],
        may_read_books=may[Deed.BOOKS],
        carriers=choices,
        errors=no.fields if no else {},
        values=request.form if no else {"carrier": page.row.postage.carrier or last or choices[0]},
    )
    return Response(body, no.status if no else 200)


def order_of(session: Session, order_id: int, may: Deed) -> Order:
    """An order, if the person may have to do with it; NotFound for another label's."""
    found = session.get(Order, order_id)
    if found is None:
        raise NotFound("There is no such order.")
    require(found.label_id, may)
    return found


def note_parcel(session: Session, deed: str, found: Order, **detail: str | int | None) -> None:
    """Audit a deed on an order's parcel, for each order in it."""
    for each in together.orders(session, found.id):
        note(session, deed, each, **detail)


def note(session: Session, deed: str, found: Order, **detail: str | int | None) -> None:
    """Audit a deed on an order."""
    deed_log.note(session, deed, "order", found.id, found.label_id, number=found.reference, **detail)
