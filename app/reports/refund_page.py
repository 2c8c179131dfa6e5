"""What the desk may give back of an order, and what it may do with its copies: the rows of the refund and cancel forms."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import decide
from app.checkout.parts import paid_back, postage_left
from app.fulfilment import again
from app.fulfilment.models import Parcel, ParcelState
from app.inventory import counts
from app.inventory.numbers import padded
from app.kernel.money import Money
from app.orders.models import Order, OrderState
from app.payments import ledger
from app.payments.models import Fate, Payment, RefundPart
from app.payments.states import PaymentState


@dataclass(frozen=True)
class CopyChoice:
    """A copy that belongs to the order; `paid_back` when its money went back before."""

    id: int
    name: str
    number: str
    price: Money
    paid_back: bool
    fate: Fate | None


@dataclass(frozen=True)
class RefundPage:
    """The order's copies, what is left of its money (nothing while it is only promised), and how it stands.

    `limit` is the amount above which a second person is needed, where the label has one.
    """

    order_id: int
    label_id: int
    reference: str
    name: str
    copies: tuple[CopyChoice, ...]
    postage: Money
    postage_paid_back: bool
    total: Money
    left: Money
    captured: bool
    limit: Money | None
    sent: bool
    packed: bool
    cancelled: bool
    mishaps: int


def refund_page(session: Session, order: Order) -> RefundPage:
    """The forms of this order."""
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    parcel = session.scalars(select(Parcel.state).where(Parcel.order_id == order.id)).one()
    back = paid_back(session, payment) if payment is not None else set()
    left = ledger.of(session, payment).left if payment is not None else 0
    limit = order.label.refund_limit
    return RefundPage(
        order_id=order.id,
        label_id=order.label_id,
        reference=order.reference,
        name=order.name,
        copies=_copies(session, order, back, decide.waiting(session, order)),
        postage=Money((payment and postage_left(session, order, payment)) or order.postage_amount, order.currency),
        postage_paid_back=None in back,
        total=Money(order.total_amount, order.currency),
        left=Money(left, order.currency),
        captured=payment is not None and payment.state is PaymentState.CAPTURED,
        limit=Money(limit, order.currency) if limit is not None else None,
        sent=parcel is ParcelState.SENT,
        packed=parcel is ParcelState.PACKED,
        cancelled=order.state is OrderState.CANCELLED,
        mishaps=again.count(session, order.id),
    )


def _copies(session: Session, order: Order, back: set[int | None], waiting: Sequence[RefundPart]) -> tuple[CopyChoice, ...]:
    lines = {line.id: line for line in order.lines}
    fates = {part.copy_id: part.fate for part in waiting}
    made = []
    for each in counts.owned_by_lines(session, list(lines)):
        line = lines[each.order_line_id]
        number = padded(each.number, line.run.last_number) if each.number is not None else ""
        price = Money(line.unit_amount, order.currency)
        made.append(CopyChoice(each.copy_id, line.title, number, price, each.copy_id in back, fates.get(each.copy_id)))
    return tuple(made)
