"""Drop day run by run: how many copies are free, held, being paid, paid for, and given back."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.schema import table
from app.orders.models import Order, OrderLine, OrderState
from app.payments import attempts
from app.payments.models import Payment, Refund, RefundPart
from app.payments.states import GONE, PaymentState, RefundState

_BACK = (RefundState.WANTED, *GONE)


@dataclass(frozen=True)
class RunDay:
    """Copies of one run: `held` while nobody pays for them yet, `waiting` while their order's money is on its way.

    `refunded` are copies sold in this drop whose money went back or is on its way back; they may be free again.
    """

    free: int = 0
    held: int = 0
    paying: int = 0
    paid: int = 0
    waiting: int = 0
    refunded: int = 0


def run_days(session: Session, drop: Drop) -> dict[int, RunDay]:
    """The day of each run of a drop, by its id; counted from the copies."""
    run_ids = [entry.run_id for entry in drop.entries]
    where = case(
        (Copy.state == CopyState.AVAILABLE, literal("free")),
        (attempts.being_paid(table(Copy).c.hold_id), literal("paying")),
        (Copy.state == CopyState.HELD, literal("held")),
        (or_(Order.total_amount == 0, Payment.state == PaymentState.CAPTURED), literal("paid")),
        else_=literal("waiting"),
    )
    counted = (
        select(Copy.run_id, where, func.count())
        .outerjoin(OrderLine, OrderLine.id == Copy.order_line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .outerjoin(Payment, Payment.order_id == Order.id)
        .where(Copy.run_id.in_(run_ids), Copy.number.is_not(None), Copy.state != CopyState.WITHDRAWN)
        .where(or_(Copy.order_line_id.is_(None), (Order.drop_id == drop.id) & (Order.state == OrderState.PLACED)))
        .group_by(Copy.run_id, where)
    )
    found: dict[int, dict[str, int]] = {run_id: {} for run_id in run_ids}
    for run_id, name, count in session.execute(counted):
        found[run_id][name] = count
    for run_id, count in _refunded(session, drop):
        found[run_id]["refunded"] = count
    return {run_id: RunDay(**figures) for run_id, figures in found.items()}


def together(days: Iterable[RunDay]) -> RunDay:
    """Some runs' figures added up."""
    each = [asdict(day) for day in days]
    return RunDay(**{name: sum(one[name] for one in each) for name in asdict(RunDay())})


def _refunded(session: Session, drop: Drop) -> list[tuple[int, int]]:
    parts = (
        select(OrderLine.run_id, func.count(RefundPart.copy_id.distinct()))
        .join(Refund, Refund.id == RefundPart.refund_id)
        .join(OrderLine, OrderLine.id == RefundPart.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.drop_id == drop.id, Refund.state.in_(_BACK))
    )
    return [(run_id, count) for run_id, count in session.execute(parts.group_by(OrderLine.run_id))]
