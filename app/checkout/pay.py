"""Go to pay: write down exactly what is asked of Stripe, ask, write down the answer."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.checkout import coded, lapse, line
from app.checkout.freeze import freeze_one
from app.checkout.owned import owned_by_email, owned_by_fan
from app.checkout.quote import quote
from app.checkout.requests import Returns, session_request
from app.checkout.send import deliver, enqueue, seal
from app.checkout.settle import settle_free
from app.drops import limits, sale
from app.drops.models import Drop
from app.inventory import holds
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel.clock import Clock
from app.kernel.db import Database, transaction
from app.kernel.errors import BadInput, HoldLapsed, PriceChanged, Unavailable
from app.kernel.money import STRIPE_MINIMUM
from app.orders import codes
from app.orders.totals import Quote
from app.payments import attempts, outages
from app.payments.facts import Address
from app.payments.gateway import Gateway, StripeTrouble
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState

GRACE = timedelta(minutes=5)
FIRST_TRY = timedelta(seconds=2)  # the fan's own request tries first, then the worker
FreeTo = Callable[[str], Address]  # where a hold goes that costs nothing, in this country; raises BadInput


@dataclass(frozen=True)
class Going:
    """Where the fan goes next: `url` is Stripe's page, empty while it is being prepared; `order_id` when nothing was due."""

    url: str | None = None
    order_id: int | None = None


def pay(db: Database, gateway: Gateway, clock: Clock, hold_id: int, shown: int, returns: Returns, free_to: FreeTo) -> Going:
    """Lead a fan to Stripe for a hold whose details are complete; a second try re-uses the open session.

    `shown` is the total on the fan's page in minor units; `free_to` gives the address, and is asked only when nothing is due.
    Raises HoldLapsed, PriceChanged, OverLimit, CannotPostThere, BadInput, or Unavailable when Stripe does not answer.
    """
    with gateway.place() as free:
        going, stale = _go(db, gateway, clock, hold_id, shown, returns, free_to, at_once=free)
        if stale is None:
            return going
        _stop_first(db, gateway, clock, stale)
    return pay(db, gateway, clock, hold_id, shown, returns, free_to)


def _go(
    db: Database,
    gateway: Gateway,
    clock: Clock,
    hold_id: int,
    shown: int,
    returns: Returns,
    free_to: FreeTo,
    *,
    at_once: bool,
) -> tuple[Going, CheckoutAttempt | None]:
    """Where the fan goes; or the open attempt that must be dead before a new one lives, as the fan changed something.

    Who finds nobody in line is sent at once, if there is a place; everybody else by the worker, in turn.
    """
    letter = None
    with transaction(db) as session:
        going, hold, attempt = _prepare(session, hold_id, shown, returns, free_to, clock.now())
        if attempt is None or attempt.state is AttemptState.OPEN:
            return going, attempt
        if outages.away(session):  # this attempt is new, so nobody else waits for the page for too long yet
            freeze_one(session, hold, clock.now())
        elif at_once and line.go_at_once(session, attempt.id, clock.now()):
            letter = seal(attempt, hold, clock.now())
        enqueue(session, attempt, clock.now(), after=FIRST_TRY if letter else timedelta(0))
    if letter is not None:
        with suppress(StripeTrouble):  # the worker tries again
            going = Going(url=deliver(db, gateway, clock, letter))
    return going, None


def _stop_first(db: Database, gateway: Gateway, clock: Clock, attempt: CheckoutAttempt) -> None:
    """The old session is dead when this returns; Unavailable while Stripe has not said so."""
    try:
        lapse.stop_paying(db, gateway, clock, attempt.id)
    except StripeTrouble as trouble:
        raise Unavailable("We are still closing your first payment page. Please try again in a moment.", retry_after=5) from trouble
    if lapse.pending_attempt(db, attempt.hold_id) == attempt.id:
        raise Unavailable("We are still closing your first payment page. Please try again in a moment.", retry_after=5)


def _prepare(
    session: Session, hold_id: int, shown: int, returns: Returns, free_to: FreeTo, now: datetime
) -> tuple[Going, Hold, CheckoutAttempt | None]:
    """Where to go, and the attempt to deal with: a wanted one to send, an open one to stop."""
    hold = holds.locked(session, hold_id)
    if hold is None or hold.state is not HoldState.ACTIVE or hold.expires_at <= now:
        raise HoldLapsed("The time for this hold is over, so it cannot be paid any more.", hold=hold)
    code = coded.of_locked(session, hold, now)
    due = quote(session, hold, code.rule if code else None, now=now).quote
    if due.total.amount != shown:
        raise PriceChanged("The total is different from the one you were shown. Please look at it again before you pay.", hold=hold)
    open_attempt = attempts.pending(session, hold.id)
    if open_attempt is not None:
        going, stale = _again(open_attempt, due)
        return going, hold, stale
    _check_buyer(session, hold, due)
    if code and due.discount is None:
        codes.keep(session, hold.id, None)  # one that takes nothing off is not used
    _give_grace(hold, now)
    if due.total.amount == 0:
        return Going(order_id=settle_free(session, hold, due, free_to(due.postage.country), now)), hold, None
    _check_minimum(due)
    holds.note_sent(hold)
    attempt = attempts.want(session, hold.id, due.as_json(), due.total, now)
    attempt.request = session_request(attempt, hold, due, session.get_one(Drop, hold.drop_id), returns)
    return Going(), hold, attempt


def _again(attempt: CheckoutAttempt, due: Quote) -> tuple[Going, CheckoutAttempt | None]:
    """A second click: back to the open session if nothing changed, wait if it is being made, else stop it first."""
    if attempt.state is not AttemptState.OPEN:
        return Going(), None
    if attempt.quote == due.as_json():
        return Going(url=attempt.url), None
    return Going(), attempt


def _check_buyer(session: Session, hold: Hold, due: Quote) -> None:
    """Count again by e-mail, under the buyer's lock: two cookies are one buyer."""
    if not hold.email:
        raise BadInput("Tell us your e-mail address first.", {"email": "We need it to tell you about your order."})
    limits.lock_buyer(session, hold.drop_id, hold.email_key)
    on_sale, wanted = sale.of_id(session, hold.drop_id), due.copies
    limits.check(on_sale, wanted, owned_by_email(session, hold.drop_id, hold.email_key, besides=hold.id))
    limits.check(on_sale, wanted, owned_by_fan(session, hold.drop_id, hold.fan))


def _give_grace(hold: Hold, now: datetime) -> None:
    """The first pay gives at least five minutes, once per hold."""
    if not hold.grace_given:
        holds.give_until(hold, max(hold.expires_at, now + GRACE))


def _check_minimum(due: Quote) -> None:
    least = STRIPE_MINIMUM.get(due.total.currency, 50)
    if due.total.amount < least:
        raise BadInput("This total is below the smallest amount that a card can be charged. Please write to the label.")
