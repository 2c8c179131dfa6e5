"""Placing and cancelling orders, and their numbers without gaps."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.inventory.models import Hold
from app.kernel.errors import NotFound
from app.kernel.ready import Ready
from app.kernel.schema import table
from app.kernel.upsert import insert, insert_for
from app.orders import vat
from app.orders.models import LineDiscount, LostNumber, Order, OrderCode, OrderCounter, OrderLine, OrderState
from app.orders.taxes import Tax, taxes
from app.orders.totals import Quote
from app.payments.facts import Address

KIND = "order"
_DROPS, _COUNTERS = table(Drop).c, table(OrderCounter).c
_LABEL = Ready(select(_DROPS.label_id).where(_DROPS.id == bindparam("drop")))
_NUMBER = {  # by dialect
    dialect: Ready(
        insert_for(dialect, OrderCounter)
        .values(label_id=bindparam("label_id"), last=1)
        .on_conflict_do_update(index_elements=[_COUNTERS.label_id], set_={"last": _COUNTERS.last + 1})
        .returning(_COUNTERS.last)
    )
    for dialect in ("sqlite", "postgresql")
}


def place(  # noqa: PLR0913 - each is a fact of the sale
    session: Session,
    hold: Hold,
    quote: Quote,
    to: Address,
    email: str,
    attempt_id: int | None,
    now: datetime,
    *,
    late: bool = False,
    order_id: int | None = None,
    taxed: Sequence[Tax] = (),
) -> Order:
    """A new order with its lines, not numbered yet: the counter is locked last. One that was lost gets its `order_id` again.

    `taxed` is what Stripe says it was taxed, where Stripe was asked; else the quote says it.
    """
    [(label_id,)] = _LABEL.rows(session, drop=hold.drop_id)
    order = Order(
        id=order_id,
        label_id=label_id,
        drop_id=hold.drop_id,
        hold_id=hold.id,
        attempt_id=attempt_id,
        number=-hold.id,
        fan=hold.fan,
        email=email,
        email_key=hold.email_key,
        name=to.name,
        line1=to.line1,
        line2=to.line2,
        postal_code=to.postal_code,
        city=to.city,
        region=to.region,
        country=to.country or quote.postage.country,
        note=hold.note,
        currency=quote.total.currency,
        lines_amount=quote.goods.amount,
        postage_amount=quote.postage.amount.amount,
        total_amount=quote.total.amount,
        postage_name=quote.postage.name,
        placed_at=now,
        late=late,
        state=OrderState.PLACED,
        generation=1,
        lines=[
            OrderLine(
                run_id=line.run_id,
                quantity=line.quantity,
                unit_amount=line.unit.amount,
                title=line.title,
                discount=LineDiscount(off=line.off) if line.off else None,
            )
            for line in quote.lines
        ],
        coded=OrderCode(code_id=quote.discount.code_id, postage_off=quote.postage.off) if quote.discount else None,
    )
    session.add(order)
    session.flush()
    vat.freeze(session, order, taxed or taxes(quote))
    return order


def number(session: Session, order: Order) -> None:
    """Give the order its label's next number; the last step of a settlement, so that the counter's row is locked briefly."""
    [(order.number,)] = _NUMBER[session.get_bind().dialect.name].rows(session, label_id=order.label_id)
    session.flush()


def number_again(session: Session, order: Order, before: int) -> None:
    """Give an order that was lost the number that it had before; the next one where somebody else has that by now."""
    taken = select(Order.id).where(Order.label_id == order.label_id, Order.number == before)
    if not before or session.scalar(taken) is not None:
        return number(session, order)
    order.number = before
    session.execute(delete(LostNumber).where(LostNumber.label_id == order.label_id, LostNumber.number == before))
    session.flush()
    return move_counter(session, order.label_id, before)


def move_counter(session: Session, label_id: int, past: int) -> None:
    """Never give out a label's number up to `past` again."""
    at = insert(session, OrderCounter).values(label_id=label_id, last=past)
    session.execute(
        at.on_conflict_do_update(index_elements=[OrderCounter.label_id], set_={"last": past}, where=OrderCounter.last < past)
    )


def last_number(session: Session, label_id: int) -> int:
    """The last number that a label gave out."""
    return session.scalar(select(OrderCounter.last).where(OrderCounter.label_id == label_id)) or 0


def note_lost(session: Session, label_id: int, now: datetime) -> list[int]:
    """Write down which numbers up to the counter belong to nobody; those that are new."""
    given = set(session.scalars(select(Order.number).where(Order.label_id == label_id)))
    known = set(session.scalars(select(LostNumber.number).where(LostNumber.label_id == label_id)))
    lost = [number for number in range(1, last_number(session, label_id) + 1) if number not in given | known]
    session.add_all([LostNumber(label_id=label_id, number=number, noted_at=now) for number in lost])
    session.flush()
    return lost


def locked(session: Session, order_id: int | None) -> Order:
    """The order, locked and read after locking; NotFound when there is none."""
    found = session.scalar(
        select(Order).where(Order.id == order_id).with_for_update(), execution_options={"populate_existing": True}
    )
    if found is None:
        raise NotFound("There is no such order.")
    return found


def cancel(order: Order, now: datetime, reason: str) -> None:
    """Mark an order cancelled; it keeps its number."""
    order.state, order.cancelled_at, order.cancel_reason = OrderState.CANCELLED, now, reason
