"""What would happen with each line of a carrier's tracking file, before anything does."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import tracking_file
from app.fulfilment.models import Parcel, Shipment
from app.orders.models import Order
from app.reports.order_rows import OrderRow, rows
from app.reports.order_stage import Stage

LONGEST = 80  # signs of a tracking number
_PIECE = 200
_STAYS = {
    Stage.CANCELLED: "This order was cancelled, so its parcel stays here.",
    Stage.UNPAID: "The money for this order has not been captured yet.",
    Stage.DISPUTED: "The fan's bank disputes this payment, so the parcel stays here.",
    Stage.WAITING: "This order waits for something that has not come from the plant, so its parcel stays here.",
}


class Verdict(StrEnum):
    """What becomes of a line."""

    GOES = "goes"
    SHIPPED = "shipped"
    TWICE = "twice"
    AWAITS = "awaits"
    STAYS = "stays"
    UNKNOWN = "unknown"
    EMPTY = "empty"


@dataclass(frozen=True)
class Seen:
    """One line of the file, judged; `why` is empty for one that goes."""

    reference: str
    tracking: str
    verdict: Verdict
    why: str = ""
    order_id: int | None = None
    name: str = ""


def preview(session: Session, label_id: int, pairs: Sequence[tuple[str, str]]) -> list[Seen]:
    """Each pair of order reference and tracking number, judged for this label's orders, in the sequence of the file."""
    written = [(reference, tracking) for reference, tracking in pairs if reference or tracking]
    numbers = {number for reference, _ in written if (number := tracking_file.number(reference)) is not None}
    orders = _orders(session, label_id, sorted(numbers))
    used = _used(session, label_id, sorted({tracking for _, tracking in written if tracking}))
    here: dict[int, str] = {}  # the orders that go, with the number that this file gave them first
    seen = []
    for reference, tracking in written:
        judged = _judge(reference, tracking, orders.get(tracking_file.number(reference) or 0), used, here)
        if judged.verdict is Verdict.GOES and judged.order_id is not None:
            here[judged.order_id] = tracking
            used.add(tracking)
        seen.append(judged)
    return seen


def _judge(reference: str, tracking: str, order: OrderRow | None, used: set[str], here: dict[int, str]) -> Seen:
    if tracking_file.number(reference) is None:
        return Seen(
            reference, tracking, Verdict.UNKNOWN, "That is no order number." if reference else "The order's number is missing."
        )
    if order is None:
        return Seen(reference, tracking, Verdict.UNKNOWN, "This label has no order with that number.")
    verdict, why = _of_number(tracking) or _of_order(order, tracking, here) or _of_others(tracking, used) or (Verdict.GOES, "")
    return Seen(reference, tracking, verdict, why, order.id, order.name)


Why = tuple[Verdict, str] | None


def _of_number(tracking: str) -> Why:
    if not tracking:
        return Verdict.EMPTY, "There is no tracking number beside it."
    if tracking_file.wrecked(tracking):
        return Verdict.EMPTY, "A spreadsheet has rounded this number. Export it again and do not open it in between."
    return (Verdict.EMPTY, f"That is too long for a tracking number: {LONGEST} signs at most.") if len(tracking) > LONGEST else None


def _of_order(order: OrderRow, tracking: str, here: dict[int, str]) -> Why:
    if order.stage is Stage.SHIPPED:
        same = order.tracking == tracking
        other = f"It was shipped before, with {order.tracking or 'no number'}. Nothing is changed."
        return Verdict.SHIPPED, "It was shipped before, with this number." if same else other
    if order.stage in _STAYS:
        return Verdict.STAYS, _STAYS[order.stage]
    if order.awaits is not None:
        return Verdict.AWAITS, "A refund of this order waits for a second person."
    if order.id in here:
        again = here[order.id] == tracking
        return (
            Verdict.TWICE,
            "The file says so twice." if again else f"Further up the file gives it {here[order.id]}; that one counts.",
        )
    return None


def _of_others(tracking: str, used: set[str]) -> Why:
    """One number is one parcel."""
    return (Verdict.TWICE, "Another parcel has this tracking number.") if tracking in used else None


def _orders(session: Session, label_id: int, numbers: Sequence[int]) -> dict[int, OrderRow]:
    """The label's orders by their number."""
    found = {}
    for start in range(0, len(numbers), _PIECE):
        wanted = select(Order.id).where(Order.label_id == label_id, Order.number.in_(numbers[start : start + _PIECE]))
        found.update({int(row.reference): row for row in rows(session, list(session.scalars(wanted)))})
    return found


def _used(session: Session, label_id: int, trackings: Sequence[str]) -> set[str]:
    """The tracking numbers that parcels of this label left with."""
    found: set[str] = set()
    for start in range(0, len(trackings), _PIECE):
        wanted = select(Shipment.tracking).join(Parcel, Parcel.id == Shipment.parcel_id).join(Order, Order.id == Parcel.order_id)
        mine = wanted.where(Order.label_id == label_id, Shipment.tracking.in_(trackings[start : start + _PIECE]))
        found.update(session.scalars(mine))
    return found
