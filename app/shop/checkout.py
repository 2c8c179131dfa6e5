"""From the hold to Stripe and back: details, the way to the payment page, stopping, and the way back."""

from datetime import timedelta

from flask import Response, jsonify
from sqlalchemy.orm import Session

from app.checkout import lapse
from app.checkout.details import say_where_to
from app.checkout.pay import Going, pay
from app.inventory.models import Hold
from app.kernel import throttle, typos
from app.kernel.errors import HoldLapsed, Unavailable
from app.orders import codes
from app.orders.models import Order
from app.payments.gateway import StripeTrouble
from app.reports.hold_form import hold_form
from app.shop import details_form
from app.shop.blueprint import bp
from app.shop.hold_answers import asked, on_its_page, see
from app.web import address_form, fan, forms, links
from app.web.errors import wants_json
from app.web.house import house, now, reading, transaction

# Whole rooms of fans sit behind one network, each with a hold of their own; a hold is dear enough to guess with.
_PER_HOLD, _PER_NETWORK = 10, 300


@bp.post("/holds/<token>/details")
@on_its_page
def say_details(token: str) -> Response:
    """Keep who buys and where to, and show the total anew."""
    _count_guess(token)
    with transaction() as session:
        _, meant = _keep_details(session, token)
    if wants_json():
        return jsonify(kept=True)
    return asked(token, meant) if meant else see(f"/holds/{token}")


@bp.post("/holds/<token>/checkout")
@on_its_page
def go_to_pay(token: str) -> Response:
    """Keep the details and lead the fan to Stripe, to their order when nothing is due, or to the hold while it is prepared."""
    _count_guess(token)
    with transaction() as session:
        hold, meant = _keep_details(session, token)
    if meant and not wants_json():  # a program means what it sends
        return asked(token, meant)
    shown = forms.number("shown", label="The total")
    going = pay(house().db, house().gateway, house().clock, hold.id, shown, links.returns_of(hold), address_form.read)
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


def _count_guess(token: str) -> None:
    """A code that does not stand on the hold yet is counted before it is looked at, and stays counted when it is refused."""
    typed = codes.written(forms.text("code", label="The code", most=40))
    if not typed:
        return
    with transaction() as session:
        hold = links.hold_of_token(session, token)
        stands = codes.of_hold(session, hold.id)
        if stands is None or stands.code != typed:
            for who, most in ((f"{hold.id}", _PER_HOLD), (fan.network(), _PER_NETWORK)):
                throttle.allow(session, f"code:{who}", most=most, per=timedelta(hours=1), now=now(), what="codes")


def _keep_details(session: Session, token: str) -> tuple[Hold, str | None]:
    """Keep the details that were sent: the hold, and what was probably meant where a new e-mail looks mistyped."""
    found = links.hold_of_token(session, token)
    form = hold_form(session, found, now())
    if form is None:
        raise HoldLapsed("The time for this hold is over, so it cannot be paid any more.")
    hold = say_where_to(session, found.id, details_form.read(form), now())
    return hold, typos.meant(hold.email) if hold.email != form.email else None


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
