"""Correct where an order goes, at the desk: until the parcel has left, and with a reason."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.checkout import readdress
from app.kernel.errors import AlreadyShipped, BadInput, Conflict
from app.reports import order_rows
from app.reports.order_address import OrderAddress
from app.reports.order_address import order_address as read_address
from app.staff.asking import form_page
from app.staff.blueprint import bp
from app.staff.guard import needs
from app.staff.order import note, order_of
from app.web import address_form, forms
from app.web.house import now, reading, transaction


@bp.get("/orders/<int:order_id>/address")
@needs(Deed.CORRECT)
def order_address(order_id: int) -> ResponseReturnValue:
    """The form, filled in as it is."""
    return _form(order_id)


@bp.post("/orders/<int:order_id>/address")
@needs(Deed.CORRECT)
def order_address_do(order_id: int) -> ResponseReturnValue:
    """Change it; the audit log keeps who, when and why, and neither address."""
    known = _known(order_id)
    try:
        to = address_form.read(forms.one_of("country", known.countries, label="The country"))
        reason = forms.text("reason", label="The reason", most=200, least=1)
        with transaction() as session:
            found = order_of(session, order_id, Deed.CORRECT)
            changed = readdress.by_desk(session, order_id, to, now())
            if changed:
                note(session, "order.address_changed", found, reason=reason)
    except (BadInput, Conflict, AlreadyShipped) as no:
        return _form(order_id, no)
    flash(_("The address is changed. If its slip is printed already, print it again.") if changed else _("That is its address."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


def _known(order_id: int) -> OrderAddress:
    with reading() as session:
        return read_address(session, order_of(session, order_id, Deed.CORRECT))


def _form(order_id: int, no: BadInput | Conflict | AlreadyShipped | None = None) -> ResponseReturnValue:
    known = _known(order_id)
    with reading() as session:
        [row] = order_rows.rows(session, [order_id])
    shape = address_form.shape(request.form.get("country", known.address.country))
    values = {**known.values, "reason": ""}
    return form_page("staff/order_address.html", no, values, row=row, countries=known.named, shape=shape)
