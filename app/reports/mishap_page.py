"""The desk's questions about a parcel that has left: its copies, its money, and what could be sent in their place."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.fulfilment import together
from app.inventory import counts
from app.orders.models import Order
from app.reports import run_names
from app.reports.refund_page import RefundPage, refund_page


@dataclass(frozen=True)
class Spare:
    """What there is of a run to be sent: copies of the reserve, and numbers that are free."""

    run: str
    reserve: int
    free: int


@dataclass(frozen=True)
class MishapPage:
    """The order with its copies and money, what there is of their runs, and (id, reference) of what was in its parcel."""

    order: RefundPage
    runs: tuple[Spare, ...]
    others: tuple[tuple[int, str], ...]


def mishap_page(session: Session, order: Order) -> MishapPage:
    """The form of this order."""
    here = counts.numbers_of_lines(session, [line.id for line in order.lines])
    runs = list(dict.fromkeys(line.run_id for line in order.lines if here[line.id]))
    called = run_names.names(session, runs)  # of their releases' other runs, too
    spares = (Spare(called[id_], counts.reserve(session, id_), counts.available(session, id_)) for id_ in runs)
    others = tuple((each.id, each.reference) for each in together.orders(session, order.id) if each.id != order.id)
    return MishapPage(refund_page(session, order), tuple(spares), others)
