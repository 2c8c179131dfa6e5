"""The desk's questions about a parcel that has left: its copies, its money, and what could be sent in their place."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

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
    """The order with its copies and money, and what there is of each of its runs."""

    order: RefundPage
    runs: tuple[Spare, ...]


def mishap_page(session: Session, order: Order) -> MishapPage:
    """The form of this order."""
    called = run_names.names(session, [line.run_id for line in order.lines])
    spares = (Spare(name, counts.reserve(session, id_), counts.available(session, id_)) for id_, name in called.items())
    return MishapPage(refund_page(session, order), tuple(spares))
