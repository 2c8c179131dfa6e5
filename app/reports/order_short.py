"""The copies of an order that did not come from the plant, as its fan and its letters see them: what may be chosen, what became."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.checkout import shortfall_choice
from app.checkout.shortfall_choice import Choices
from app.fulfilment.models import Parcel
from app.inventory.claims import FAN, MACHINE
from app.inventory.delivery_models import Delivery, Shortfall, ShortfallState, Unanswered
from app.inventory.models import Copy
from app.inventory.numbers import issue_words, numbered
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.payments.models import Payment

# Beside a parcel that is read anyway: is there any of its order? Mostly there is none, and nothing more is asked then.
ANY = (
    exists()
    .where(Shortfall.order_line_id == OrderLine.id, OrderLine.order_id == Parcel.order_id)
    .correlate(Parcel)
    .label("fell_short")
)


@dataclass(frozen=True)
class ShortCopy:
    """A copy that did not come: `no` is № 017/100, `other` the free number that may be had instead, both as people read them.

    `instead` is what stands for it now. `refund` is what goes back, or would, if that is chosen.
    """

    id: int
    run_id: int
    no: str
    work: str
    state: ShortfallState
    choices: Choices
    other: str
    refund: Money | None
    takes_order: bool  # would the refund take all that is left of the order?
    promise: str
    then_refund: bool  # what happens without an answer
    answer_by: datetime
    due_at: datetime | None
    by_fan: bool
    by_clock: bool
    instead: str

    @property
    def open(self) -> bool:
        """Is it still owed?"""
        return self.state in {ShortfallState.OFFERED, ShortfallState.REFUNDING, ShortfallState.WAITS}


def of_order(session: Session, order: Order, payment: Payment | None) -> tuple[ShortCopy, ...]:
    """Those of an order, by number; what came after all is left out."""
    lines = {line.id: line for line in order.lines}
    new = aliased(Copy)
    found = session.execute(
        select(Shortfall, Delivery, Copy.number, new.number, new.issue)
        .join(Delivery, Delivery.id == Shortfall.delivery_id)
        .join(Copy, Copy.id == Shortfall.copy_id)
        .outerjoin(new, new.id == Shortfall.instead_id)
        .where(Shortfall.order_line_id.in_(lines), Shortfall.state != ShortfallState.CAME)
        .order_by(Copy.number, Shortfall.id)
    ).all()
    made = []
    for row, delivery, number, instead, issue in found:
        run, last = lines[row.order_line_id].run, lines[row.order_line_id].run.last_number
        choices = shortfall_choice.choices(session, row, order, payment)
        other = numbered([choices.other], last) if choices.other is not None else ""
        words = ", ".join(filter(None, (numbered([instead], last), issue_words(issue)))) if instead is not None else ""
        made.append(
            ShortCopy(
                id=row.id,
                run_id=run.id,
                no=numbered([number or 0], last),
                work=run.release.title,
                state=row.state,
                choices=choices,
                other=other,
                refund=shortfall_choice.goes_back(session, row, order, payment) if row.closed_at is None else None,
                takes_order=row.closed_at is None and shortfall_choice.last_of(session, row, order),
                promise=delivery.promise,
                then_refund=delivery.unanswered is Unanswered.REFUND and order.total_amount > 0,
                answer_by=delivery.answer_by,
                due_at=row.due_at,
                by_fan=row.answered_by == FAN,
                by_clock=row.answered_by == MACHINE,
                instead=words,
            )
        )
    return tuple(made)
