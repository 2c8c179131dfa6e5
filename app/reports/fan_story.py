"""What a fan did and what became of it, told to them: holds, ways to the payment page, orders, parcels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label, Run
from app.drops.models import Drop
from app.fulfilment.models import Parcel, Shipment
from app.inventory.holds import AT_THE_DESK, SENT_AGAIN
from app.inventory.models import Copy, Hold, StockMovement
from app.inventory.states import CopyState, HoldState
from app.kernel.money import Money
from app.orders.models import Order
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState
from app.reports import run_names
from app.reports.run_names import SomeCopies
from app.reports.yours import once_allocated

Owned = dict[int, dict[int, list[int]]]  # numbers by run, by hold or order line
_ENDED = {
    AttemptState.EXPIRED: "The payment page was closed without a payment.",
    AttemptState.FAILED: "The payment page could not be opened.",
}


@dataclass(frozen=True)
class Told:
    """One sentence to the fan, when that was, and in which zone; `step` sorts what happened in the same moment."""

    at: datetime
    text: str
    zone: str
    step: int


def told(session: Session, holds: Sequence[Hold], orders: Sequence[Order], now: datetime) -> list[Told]:
    """The sentences about these holds and orders, unsorted."""
    where = drops(session, holds)
    return [
        *_holds(session, holds, where, now),
        *_attempts(session, holds, where),
        *_orders(session, orders),
        *_parcels(session, orders),
    ]


def drops(session: Session, holds: Iterable[Hold]) -> dict[int, tuple[str, str]]:
    """The title of each hold's drop, and its label's zone, by the hold's id."""
    wanted = select(Drop.id, Drop.title, Label.time_zone).join(Label, Label.id == Drop.label_id)
    found = {id_: (title, zone) for id_, title, zone in session.execute(wanted.where(Drop.id.in_({h.drop_id for h in holds})))}
    return {hold.id: found[hold.drop_id] for hold in holds}


def _holds(session: Session, holds: Sequence[Hold], where: dict[int, tuple[str, str]], now: datetime) -> list[Told]:
    copies, reasons = _held(session, [hold.id for hold in holds])
    found = []
    for hold in holds:
        title, zone = where[hold.id]
        what = copies.get(hold.id, "copies")
        ours = hold.fan.startswith((AT_THE_DESK, SENT_AGAIN))
        began = f"We set {what} aside for you." if ours else f"You held {what} in “{title}”."
        found.append(Told(hold.created_at, began, zone, 0))
        if hold.state is HoldState.PUT_BACK and hold.ended_at is not None:
            found.append(Told(hold.ended_at, _put_back(reasons.get(hold.id, "")), zone, 9))
        elif hold.state is HoldState.ACTIVE:
            found.append(Told(now, "Your hold is still running.", zone, 9))
        elif hold.state is HoldState.CLOSING:
            found.append(Told(now, "The time of your hold is over, and we are asking Stripe whether it was paid.", zone, 9))
    return found


def _put_back(reason: str) -> str:
    if reason == "put back by the fan":
        return "You put the copies back."
    if reason == "lapsed":
        return "The time of your hold was over without a payment, so the copies went back on sale."
    return "Your hold ended, and the copies went back on sale."


def _held(session: Session, hold_ids: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The copies that each hold ever had, in words, and why they left it last."""
    left = select(StockMovement.hold_id, Copy.run_id, Copy.number, StockMovement.reason)
    left = left.join(Copy, Copy.id == StockMovement.copy_id).order_by(StockMovement.id)
    ended = session.execute(left.where(StockMovement.hold_id.in_(hold_ids), StockMovement.before == CopyState.HELD)).all()
    still = session.execute(select(Copy.hold_id, Copy.run_id, Copy.number, literal("")).where(Copy.hold_id.in_(hold_ids))).all()
    owned: Owned = {}
    reasons: dict[int, str] = {}
    for hold_id, run_id, number, reason in [*ended, *still]:
        numbers = owned.setdefault(hold_id or 0, {}).setdefault(run_id, [])
        if number is not None and number not in numbers:
            numbers.append(number)
        reasons[hold_id or 0] = reason
    return _named(session, owned), reasons


def _named(session: Session, owned: Owned) -> dict[int, str]:
    """Copies in words, by whose they are."""
    runs = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_({run for each in owned.values() for run in each})))}
    called = run_names.names(session, runs)
    return {
        whose: run_names.said(
            [SomeCopies(called[run], tuple(sorted(numbers)), runs[run].last_number) for run, numbers in each.items()]
        )
        for whose, each in owned.items()
    }


def _attempts(session: Session, holds: Sequence[Hold], where: dict[int, tuple[str, str]]) -> list[Told]:
    wanted = select(CheckoutAttempt).where(CheckoutAttempt.hold_id.in_([hold.id for hold in holds])).order_by(CheckoutAttempt.id)
    found = []
    for attempt in session.scalars(wanted):
        zone = where[attempt.hold_id][1]
        amount = Money(attempt.amount, attempt.currency).format()
        found.append(Told(attempt.created_at, f"You went to pay {amount}.", zone, 1))
        if attempt.ended_at is not None and attempt.state in _ENDED:
            found.append(Told(attempt.ended_at, _ENDED[attempt.state], zone, 2))
    return found


def _orders(session: Session, orders: Sequence[Order]) -> list[Told]:
    bought = once_allocated(session, [line.id for order in orders for line in order.lines])
    owned = {order.id: {line.run_id: list(bought[line.id]) for line in order.lines} for order in orders}
    copies = _named(session, owned)
    found = []
    for order in orders:
        zone = order.label.time_zone
        free = ", and nothing is due for it" if order.total_amount == 0 else ""
        found.append(Told(order.placed_at, f"Your order № {order.reference} was placed: {copies[order.id]}{free}.", zone, 4))
        if order.cancelled_at is not None:
            found.append(Told(order.cancelled_at, f"Your order № {order.reference} was cancelled.", zone, 6))
    return found


def _parcels(session: Session, orders: Sequence[Order]) -> list[Told]:
    by_id = {order.id: order for order in orders}
    wanted = select(Parcel.order_id, Shipment).join(Shipment, Shipment.parcel_id == Parcel.id)
    found = []
    for order_id, sent in session.execute(wanted.where(Parcel.order_id.in_(by_id))):
        tracking = f", tracking number {sent.tracking}" if sent.tracking else ""
        carrier = f" with {sent.carrier}" if sent.carrier else ""
        text = f"The parcel of order № {by_id[order_id].reference} left{carrier}{tracking}."
        found.append(Told(sent.sent_at, text, by_id[order_id].label.time_zone, 7))
    return found
