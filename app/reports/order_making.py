"""What a pre-order is to one order: where each of its runs stands, what was promised then and now, and the way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.making import Making, MakingChange
from app.catalogue.making_changes import TOLD, changes, promised_at
from app.catalogue.promises import Promise
from app.checkout import ways_out
from app.checkout.asking import STILL_THERE
from app.checkout.ways_out import Terms
from app.fulfilment import address_checks
from app.fulfilment.models import ParcelState
from app.fulfilment.preorder_rows import Answer, WayOut
from app.inventory.models import Hold
from app.orders.models import Order
from app.payments.models import Payment
from app.reports import making_view
from app.reports.making_view import MakingView


@dataclass(frozen=True)
class Ordered:
    """A pre-ordered run of an order, as a page calls it."""

    run_id: int
    slug: str
    work: str
    title: str


@dataclass(frozen=True)
class OrderMaking:
    """A pre-ordered run of an order: `then` is what was promised when its copies were taken.

    `opened_at`: since when its fan may cancel free; `terms` what that comes to, where it can still be done here.
    """

    run: str
    work: str
    title: str
    view: MakingView
    then: Promise
    opened_at: datetime | None
    taken_at: datetime | None
    terms: Terms | None

    @property
    def moved(self) -> bool:
        """Is another time promised by now?"""
        return self.then != self.view.promise


@dataclass(frozen=True)
class Asked:
    """Whether the address is still right was asked; `lock_on` is the last day to correct it, if it was said."""

    answer: Answer | None
    lock_on: date | None


def of_order(
    session: Session, order: Order, runs: Sequence[Ordered], parcel: ParcelState, payment: Payment | None
) -> tuple[OrderMaking, ...]:
    """The pre-orders among the runs of an order; most have none, and nothing is asked for them."""
    if not runs:
        return ()
    taken_at = session.scalars(select(Hold.created_at).where(Hold.id == order.hold_id)).one()
    ways = {way.run_id: way for way in session.scalars(select(WayOut).where(WayOut.order_id == order.id))}
    return tuple(_making(session, order, each, taken_at, ways.get(each.run_id), parcel, payment) for each in runs)


def asked(session: Session, order_id: int) -> Asked | None:
    """What was asked about an order's address; None when nothing was."""
    check = address_checks.of_order(session, order_id)
    if check is None:
        return None
    return Asked(check.answer, session.scalar(select(Making.lock_on).where(Making.run_id == check.run_id)))


def letter_keys(session: Session, orders: Sequence[Order]) -> dict[str, Order]:
    """The keys of the letters about pre-orders that may have gone out for these orders, whose runs are at hand."""
    made = [(order, line.run_id) for order in orders for line in order.lines if line.run.preorder]
    if not made:
        return {}
    found = session.execute(select(MakingChange.run_id, MakingChange.id).where(MakingChange.run_id.in_({run for _, run in made})))
    said: dict[int, list[int]] = {}
    for run_id, change_id in found:
        said.setdefault(run_id, []).append(change_id)
    keys = {f"{TOLD}:{change_id}:{order.id}": order for order, run_id in made for change_id in said.get(run_id, [])}
    return keys | {f"{STILL_THERE}:{run_id}:{order.id}": order for order, run_id in made}


def _making(
    session: Session,
    order: Order,
    each: Ordered,
    taken_at: datetime,
    way: WayOut | None,
    parcel: ParcelState,
    payment: Payment | None,
) -> OrderMaking:
    said = changes(session, each.run_id)
    open_now = way is not None and way.taken_at is None
    return OrderMaking(
        run=each.slug,
        work=each.work,
        title=each.title,
        view=making_view.view(said),
        then=way.promise if way is not None else promised_at(said, taken_at),
        opened_at=way.opened_at if way is not None else None,
        taken_at=way.taken_at if way is not None else None,
        terms=ways_out.terms(session, order, each.run_id, parcel, payment) if open_now else None,
    )
