"""What went back of an order, in words that the fan, the desk and the letters share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.inventory.models import Copy
from app.inventory.numbers import padded
from app.kernel.money import Money
from app.orders.models import OrderLine
from app.payments.models import PartKind, Refund, RefundPart
from app.payments.states import RefundState

NOT_SAID = (RefundState.PROPOSED, RefundState.DECLINED, RefundState.REPEATED)


@dataclass(frozen=True)
class BackLine:
    """What some of a refund is for: a run with the numbers of its copies, the postage (`kind`), or just an amount."""

    kind: PartKind
    title: str
    numbers: tuple[str, ...]
    amount: Money


@dataclass(frozen=True)
class Back:
    """One refund; `at` is when it came to its state, or was asked for."""

    id: int
    state: RefundState
    amount: Money
    at: datetime
    lines: tuple[BackLine, ...]


def of_order(session: Session, order_id: int) -> tuple[Back, ...]:
    """What a fan is told of, oldest first: not what is only proposed, was declined, or is replaced by another refund."""
    mine = select(Refund).where(Refund.order_id == order_id, Refund.state.not_in(NOT_SAID)).options(selectinload(Refund.parts))
    return tuple(back(session, refund) for refund in session.scalars(mine.order_by(Refund.id)))


def back(session: Session, refund: Refund) -> Back:
    """One refund in words."""
    amount = Money(refund.amount, refund.currency)
    told = lines(session, refund.parts, refund.currency)
    return Back(refund.id, refund.state, amount, refund.ended_at or refund.created_at, told)


def lines(session: Session, parts: Sequence[RefundPart], currency: str) -> tuple[BackLine, ...]:
    """What parts stand for, the copies of one order line together; those for which no money goes back are left out."""
    parts = [part for part in parts if part.amount]
    if not parts:
        return ()
    wanted = select(OrderLine).where(OrderLine.id.in_([part.order_line_id for part in parts]))
    numbers = dict(session.execute(select(Copy.id, Copy.number).where(Copy.id.in_([part.copy_id for part in parts]))).all())
    told: list[BackLine] = []
    for line in session.scalars(wanted.order_by(OrderLine.id)):
        mine = [part for part in parts if part.order_line_id == line.id]
        last = line.run.first_number + line.run.edition_size - 1
        said = tuple(padded(number, last) for part in mine if (number := numbers.get(part.copy_id or 0)) is not None)
        told.append(BackLine(PartKind.COPY, line.title, said, Money(sum(part.amount for part in mine), currency)))
    told += [BackLine(part.kind, "", (), Money(part.amount, currency)) for part in parts if part.kind is not PartKind.COPY]
    return tuple(told)
