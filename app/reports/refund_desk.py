"""One refund as the desk sees it: what it stands for, who asked, who may say yes, and when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.second import WAIT
from app.checkout import goods, second
from app.fulfilment.models import Parcel, ParcelState
from app.inventory import counts
from app.kernel.money import Money
from app.orders.models import Order, OrderState
from app.payments import ledger
from app.payments.models import Payment, Refund, RefundOrigin
from app.payments.states import RefundState
from app.reports import given_back, money_history
from app.reports.deeds import Entry, staff_names
from app.reports.given_back import BackLine


@dataclass(frozen=True)
class RefundDesk:
    """A refund; `mine` when the person who looks asked for it, `alone` when they may say yes to it themselves from `from_`.

    `out_of_reach` says why a proposed one cannot be carried out now: its copies are "packed", or have been "sent" since.
    """

    id: int
    order_id: int
    reference: str
    zone: str
    state: RefundState
    amount: Money
    left: Money
    lines: tuple[BackLine, ...]
    put_back: int
    withdrawn: int
    cancels: bool
    out_of_reach: str
    reason: str
    failure: str
    asked_by: str
    asked_at: datetime
    mine: bool
    alone: bool
    too_early: bool
    from_: datetime
    from_dashboard: bool
    history: tuple[Entry, ...]


def refund_desk(session: Session, refund: Refund, order: Order, staff_id: int, now: datetime) -> RefundDesk:
    """The page of this refund for this person."""
    zone = order.label.time_zone
    people = [person for person in (refund.asked_by, refund.confirmed_by) if person is not None]
    names = staff_names(session, people)
    back = given_back.back(session, refund)
    going = goods.leaving(refund.parts)
    payment = session.scalars(select(Payment).where(Payment.id == refund.payment_id)).one()
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    whole = bool(owned) and {each.copy_id for each in owned} <= set(going)
    return RefundDesk(
        id=refund.id,
        order_id=order.id,
        reference=order.reference,
        zone=zone,
        state=refund.state,
        amount=back.amount,
        left=Money(ledger.of(session, payment).left, payment.currency),
        lines=back.lines,
        put_back=sum(where == "available" for where, _ in going.values()),
        withdrawn=sum(where == "withdrawn" for where, _ in going.values()),
        cancels=refund.state is RefundState.PROPOSED and order.state is OrderState.PLACED and whole,
        out_of_reach=_out_of_reach(session, refund) if going and refund.state is RefundState.PROPOSED else "",
        reason=refund.reason,
        failure=refund.failure,
        asked_by=names.get(refund.asked_by or 0, ""),
        asked_at=refund.created_at,
        mine=refund.asked_by == staff_id,
        alone=second.may_alone(session, order, refund, staff_id),
        too_early=now < refund.created_at + WAIT,
        from_=refund.created_at + WAIT,
        from_dashboard=refund.origin is RefundOrigin.DASHBOARD,
        history=tuple(money_history.of_refund(refund, names, zone)[::-1]),
    )


def _out_of_reach(session: Session, refund: Refund) -> str:
    """What a confirmation would be refused for; see goods.check_in_reach."""
    parcel = session.scalar(select(Parcel).where(Parcel.order_id == refund.order_id))
    if parcel is None or parcel.state in {ParcelState.OPEN, ParcelState.LOCKED}:
        return ""
    if parcel.state is ParcelState.PACKED:
        return "packed"
    return "sent" if parcel.shipment is not None and parcel.shipment.sent_at > refund.created_at else ""
