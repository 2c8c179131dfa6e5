"""From the hold to Stripe and back: details, the way to the payment page, stopping, and the way back."""

from flask import Response, jsonify

from app.checkout import lapse
from app.checkout.details import say_where_to
from app.checkout.pay import Going, pay
from app.kernel import typos
from app.kernel.errors import HoldLapsed, Unavailable
from app.orders.models import Order
from app.payments.facts import Address
from app.payments.gateway import StripeTrouble
from app.reports.hold_page import HoldPage, hold_page
from app.reports.hold_stage import PAYABLE
from app.shop import address_form, details_form
from app.shop.blueprint import bp
from app.shop.hold_answers import asked, on_its_page, see
from app.web import forms, links
from app.web.errors import wants_json
from app.web.house import house, now, reading, transaction


@bp.post("/holds/<token>/details")
@on_its_page
def say_details(token: str) -> Response:
    """Keep who buys and where to, and show the total anew."""
    _, meant = _keep_details(token)
    if wants_json():
        return jsonify(kept=True)
    return asked(token, meant) if meant else see(f"/holds/{token}")


@bp.post("/holds/<token>/checkout")
@on_its_page
def go_to_pay(token: str) -> Response:
    """Keep the details and lead the fan to Stripe, to their order when nothing is due, or to the hold while it is prepared."""
    page, meant = _keep_details(token)
    if meant and not wants_json():  # a program means what it sends
        return asked(token, meant)
    address = address_form.read(page.country) if page.costs is not None and page.costs.free else Address()
    shown = forms.number("shown", label="The total")
    with reading() as session:
        returns = links.returns_of(links.hold_of_token(session, token))
    going = pay(house().db, house().gateway, house().clock, page.hold_id, shown, returns, address)
    return _led(token, going)


@bp.post("/holds/<token>/stop-paying")
@on_its_page
def stop_paying(token: str) -> Response:
    """End the open payment at the fan's wish; if it was paid in that moment, the payment stands."""
    with reading() as session:
        hold_id = links.hold_of_token(session, token).id
    attempt_id = lapse.pending_attempt(house().db, hold_id)
    if attempt_id is not None:
        _stop(attempt_id)
    return see(f"/holds/{token}?stopped=1")


def _keep_details(token: str) -> tuple[HoldPage, str | None]:
    """The page with the details that were sent, and the e-mail that was probably meant where a new one looks mistyped."""
    with transaction() as session:
        hold = links.hold_of_token(session, token)
        before = hold_page(session, hold, now())
        if before.stage not in PAYABLE:
            raise HoldLapsed("The time for this hold is over, so it cannot be paid any more.")
        hold = say_where_to(session, hold.id, details_form.read(before), now())
        after = hold_page(session, hold, now())
    return after, typos.meant(after.email) if after.email != before.email else None


def _led(token: str, going: Going) -> Response:
    if going.order_id is not None:
        with reading() as session:
            path = links.order_link(session.get_one(Order, going.order_id))
        return jsonify(order=path) if wants_json() else see(path)
    if going.url is None:
        waiting = jsonify(state="preparing", hold=f"/holds/{token}")
        waiting.status_code = 202
        return waiting if wants_json() else see(f"/holds/{token}")
    return jsonify(pay=going.url) if wants_json() else see(going.url)


def _stop(attempt_id: int) -> None:
    sorry = "Stripe has not confirmed yet that the payment is stopped. Your copies are still held; please try again in a moment."
    with house().gateway.place() as free:
        if not free:
            raise Unavailable(sorry, retry_after=2)
        try:
            lapse.stop_paying(house().db, house().gateway, house().clock, attempt_id)
        except StripeTrouble as trouble:
            raise Unavailable(sorry, retry_after=5) from trouble
