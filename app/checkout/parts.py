"""What a refund stands for: from what somebody chose to parts that add up to an amount."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.inventory import counts
from app.inventory.counts import Owned
from app.kernel.errors import Conflict
from app.orders.models import Order
from app.payments.models import Fate, PartKind, Payment, Refund, RefundPart
from app.payments.states import GIVEN

CHANGED = "The order has changed since you looked at it. Look again, then choose."


@dataclass(frozen=True)
class Choice:
    """What becomes of a copy, and in words why, where it is withdrawn."""

    fate: Fate
    words: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be given back: all that is left (`whole`, with a choice for each copy), or some copies, the postage, an amount.

    `sent` says whether the parcel had left when this was chosen: the choices mean something else then. `mishaps` is how many
    of the order's copies had come back, or been lost, by then.
    """

    copies: Mapping[int, Choice] = field(default_factory=dict)
    whole: bool = False
    postage: bool = False
    amount: int = 0
    sent: bool = False
    mishaps: int = 0


def parts_of(session: Session, order: Order, payment: Payment, plan: Plan, left: int) -> list[RefundPart]:
    """The parts of a plan; Conflict when it speaks of copies that the order no longer has, or whose money went back already."""
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    back = paid_back(session, payment)
    if plan.whole:
        if {each.copy_id for each in owned} != set(plan.copies):
            raise Conflict(CHANGED)
        return list(_shared_out(order, owned, plan, back, left, postage_left(session, order, payment)))
    chosen = [each for each in owned if each.copy_id in plan.copies]
    if len(chosen) != len(plan.copies):
        raise Conflict(CHANGED)
    if back & {*plan.copies, *({None} if plan.postage else ())}:
        raise Conflict("Some of this was given back already. Look again, then choose.")
    prices = {line.id: line.unit_amount for line in order.lines}
    parts = [_copy(each, prices[each.order_line_id], plan.copies[each.copy_id]) for each in chosen]
    if plan.postage:
        parts.append(RefundPart(kind=PartKind.POSTAGE, amount=postage_left(session, order, payment)))
    if plan.amount:
        parts.append(RefundPart(kind=PartKind.AMOUNT, amount=plan.amount))
    return parts


def _shared_out(
    order: Order, owned: list[Owned], plan: Plan, back: set[int | None], left: int, postage: int
) -> Iterator[RefundPart]:
    """All that is left, shared out over copies and postage: each at most at its price, and nothing twice."""
    prices = {line.id: line.unit_amount for line in order.lines}
    for each in owned:
        amount = min(left, 0 if each.copy_id in back else prices[each.order_line_id])
        left -= amount
        yield _copy(each, amount, plan.copies[each.copy_id])
    postage = min(left, postage)
    if postage:
        yield RefundPart(kind=PartKind.POSTAGE, amount=postage)
    if left > postage:
        yield RefundPart(kind=PartKind.AMOUNT, amount=left - postage)


def _copy(each: Owned, amount: int, choice: Choice) -> RefundPart:
    return RefundPart(
        kind=PartKind.COPY,
        amount=amount,
        copy_id=each.copy_id,
        order_line_id=each.order_line_id,
        fate=choice.fate,
        words=choice.words,
    )


def paid_back(session: Session, payment: Payment) -> set[int | None]:
    """The copies whose money went back or is on its way; None stands for the postage, once all of it did."""
    named = (PartKind.COPY, PartKind.POSTAGE)
    back = select(RefundPart.copy_id, RefundPart.amount).join(Refund, Refund.id == RefundPart.refund_id)
    back = back.where(Refund.payment_id == payment.id, Refund.state.in_(GIVEN), RefundPart.kind.in_(named))
    found = session.execute(back).all()
    order = session.get(Order, payment.order_id or 0)
    postage = sum(amount for copy_id, amount in found if copy_id is None)
    some = order is not None and postage < order.postage_amount
    return {copy_id for copy_id, _ in found if copy_id is not None or not some}


def postage_left(session: Session, order: Order, payment: Payment) -> int:
    """How much of the postage was not given back, in minor units: some goes back where orders leave in one parcel."""
    back = select(func.sum(RefundPart.amount)).join(Refund, Refund.id == RefundPart.refund_id)
    back = back.where(Refund.payment_id == payment.id, Refund.state.in_(GIVEN), RefundPart.kind == PartKind.POSTAGE)
    return max(0, order.postage_amount - int(session.scalar(back) or 0))
