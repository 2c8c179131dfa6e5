"""What was just packed by scanning leaves from the same page: one parcel, with the number that its carrier gave it."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.kernel.errors import Refusal
from app.staff.blueprint import bp
from app.staff.guard import needs
from app.staff.scan import Hand, page
from app.staff.shipping import send_off, typed_carrier
from app.web import forms


@bp.post("/packing/scan/ship")
@needs(Deed.PACK)
def scan_ship() -> ResponseReturnValue:
    """Ship the parcel that was packed by the last scan."""
    try:
        order_id = forms.number("order", label="The order", most=10**9)
        send_off(order_id, typed_carrier("carrier"), forms.text("tracking", label="The tracking number", most=80))
    except Refusal as no:
        return page(Hand(), no)
    return redirect(url_for("staff.scan", sent=order_id), 303)
