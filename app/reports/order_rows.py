"""Orders as rows of a table: stage, fan, copies by run, parcel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.catalogue.models import Release, Run
from app.fulfilment.models import Parcel, ParcelState, PostageRate, Shipment
from app.fulfilment.waiting import WAITS
from app.inventory import counts
from app.kernel.money import Money
from app.orders.models import Order, OrderLine, OrderState
from app.payments.models import Payment
from app.payments.states import PaymentState
from app.reports import beside_in_parcel, run_names
from app.reports.money_word import MoneyWord
from app.reports.order_beside import Beside, beside
from app.reports.order_postage import PaidPostage, with_rate
from app.reports.order_postage import paid as paid_for
from app.reports.order_stage import Stage, stage_of
from app.reports.order_tags import TagRow
from app.reports.yours import Numbers, once_allocated

HELD_UP = (MoneyWord.INQUIRED, MoneyWord.DISPUTED, MoneyWord.LOST)


@dataclass(frozen=True)
class LineRow:
    """The copies of one run in an order; `name` is what the run is called in a list, `issues` are those of its numbers."""

    run_id: int
    name: str
    catalogue_number: str
    artist: str
    title: str
    run_title: str
    numbers: tuple[int, ...]
    issues: Mapping[int, int]
    last: int


@dataclass(frozen=True)
class OrderRow:
    """An order in a list; `awaits` is a refund that takes copies out and is not decided yet, while the parcel is here.

    `leaves_with` are the references of other orders in its parcel.
    """

    id: int
    reference: str
    label: str
    stage: Stage
    money: MoneyWord | None
    placed_at: datetime
    zone: str
    name: str
    email: str
    city: str
    country: str
    total: Money
    lines: tuple[LineRow, ...]
    postage: PaidPostage
    carrier: str
    tracking: str
    awaits: int | None
    parcel: ParcelState | None
    tags: tuple[TagRow, ...] = ()
    leaves_with: tuple[str, ...] = ()

    @property
    def beside(self) -> MoneyWord | None:
        """What the money adds to the stage, unless the stage says it."""
        said = self.stage is Stage.DISPUTED and self.money in {MoneyWord.DISPUTED, MoneyWord.INQUIRED}
        return None if said else self.money


def rows(session: Session, ids: Sequence[int]) -> list[OrderRow]:
    """These orders as rows, in the sequence of their ids given."""
    runs = selectinload(Order.lines).joinedload(OrderLine.run).joinedload(Run.release).joinedload(Release.artist)
    read = session.execute(_with_all(ids).options(joinedload(Order.label), runs))
    found = {order.id: (order, payment, parcel, shipment, rate, waits) for order, payment, parcel, shipment, rate, waits in read}
    orders = [order for order, *_ in found.values()]
    issues = counts.issues_of_lines(session, [line.id for order in orders for line in order.lines])
    numbers = _numbers(session, orders, issues)
    called = run_names.names(session, [line.run_id for order in orders for line in order.lines])
    together = beside_in_parcel.references(session, [order.id for order in orders])
    others = beside(session, {id_: payment.id if payment else None for id_, (_, payment, *_) in found.items()})
    return [
        replace(
            _row(
                *found[id_],
                tuple(_line(line, called[line.run_id], numbers[line.id], issues[line.id]) for line in found[id_][0].lines),
                others[id_],
            ),
            leaves_with=together.get(id_, ()),
        )
        for id_ in ids
        if id_ in found
    ]


def _with_all(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Orders with their payment, parcel, shipment and postage rate, of each of which there is at most one, and do they wait?"""
    return (
        with_rate(select(Order, Payment, Parcel, Shipment, PostageRate, WAITS.label("waits")))
        .outerjoin(Payment, Payment.order_id == Order.id)
        .outerjoin(Parcel, Parcel.order_id == Order.id)
        .outerjoin(Shipment, Shipment.parcel_id == Parcel.id)
        .where(Order.id.in_(ids))
    )


def _numbers(session: Session, orders: Sequence[Order], issues: Mapping[int, Mapping[int, int]]) -> Numbers:
    """The copies of each line; those it had, when its order is cancelled."""
    over = [line.id for order in orders if order.state is OrderState.CANCELLED for line in order.lines]
    return {line_id: tuple(own) for line_id, own in issues.items()} | once_allocated(session, over)


def _row(
    order: Order,
    payment: Payment | None,
    parcel: Parcel | None,
    shipment: Shipment | None,
    rate: PostageRate | None,
    waits: bool,  # noqa: FBT001 - a column of the row it stands in
    lines: tuple[LineRow, ...],
    other: Beside,
) -> OrderRow:
    paid = order.total_amount == 0 or (payment is not None and payment.state is PaymentState.CAPTURED)
    word, sent = other.word(payment), shipment if parcel and parcel.state is ParcelState.SENT else None
    stage = stage_of(order, paid=paid, disputed=word in HELD_UP, parcel=parcel.state if parcel else None, waits=waits)
    return OrderRow(
        id=order.id,
        reference=order.reference,
        label=order.label.name,
        stage=stage,
        money=word,
        placed_at=order.placed_at,
        zone=order.label.time_zone,
        name=order.name,
        email=order.email,
        city=order.city,
        country=order.country,
        total=Money(order.total_amount, order.currency),
        lines=lines,
        postage=paid_for(order, rate),
        carrier=sent.carrier if sent else "",
        tracking=sent.tracking if sent else "",
        awaits=other.awaits if stage in {Stage.TO_PACK, Stage.WAITING, Stage.PACKED} else None,
        parcel=parcel.state if parcel else None,
        tags=other.tags,
    )


def _line(line: OrderLine, name: str, numbers: tuple[int, ...], issues: Mapping[int, int]) -> LineRow:
    run = line.run
    return LineRow(
        run.id,
        name,
        run.release.catalogue_number,
        run.release.artist.name,
        run.release.title,
        run.title,
        numbers,
        issues,
        run.last_number,
    )
