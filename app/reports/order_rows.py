"""Orders as rows of a table: stage, fan, copies by run, parcel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.catalogue.models import Release, Run
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.inventory import counts
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.payments.models import Payment
from app.payments.states import PaymentState
from app.reports.order_stage import Stage, stage_of


@dataclass(frozen=True)
class LineRow:
    """The copies of one run in an order."""

    run_id: int
    catalogue_number: str
    artist: str
    title: str
    run_title: str
    numbers: tuple[int, ...]
    last: int


@dataclass(frozen=True)
class OrderRow:
    """An order in a list."""

    id: int
    reference: str
    stage: Stage
    placed_at: datetime
    zone: str
    name: str
    email: str
    city: str
    country: str
    total: Money
    lines: tuple[LineRow, ...]
    carrier: str
    tracking: str


def rows(session: Session, ids: Sequence[int]) -> list[OrderRow]:
    """These orders as rows, in the sequence of their ids given."""
    runs = selectinload(Order.lines).joinedload(OrderLine.run).joinedload(Run.release).joinedload(Release.artist)
    wanted = select(Order).where(Order.id.in_(ids)).options(joinedload(Order.label), runs)
    orders = {order.id: order for order in session.scalars(wanted)}
    numbers = counts.numbers_of_lines(session, [line.id for order in orders.values() for line in order.lines])
    money = select(Payment.order_id).where(Payment.order_id.in_(ids), Payment.state == PaymentState.CAPTURED)
    captured = set(session.scalars(money))
    parcels = {parcel.order_id: (parcel, shipment) for parcel, shipment in _parcels(session, ids)}
    made = []
    for order in (orders[id_] for id_ in ids if id_ in orders):
        parcel, shipment = parcels.get(order.id, (None, None))
        stage = stage_of(order, paid=order.total_amount == 0 or order.id in captured, parcel=parcel.state if parcel else None)
        made.append(_row(order, stage, numbers, shipment))
    return made


def _row(order: Order, stage: Stage, numbers: dict[int, tuple[int, ...]], shipment: Shipment | None) -> OrderRow:
    return OrderRow(
        id=order.id,
        reference=order.reference,
        stage=stage,
        placed_at=order.placed_at,
        zone=order.label.time_zone,
        name=order.name,
        email=order.email,
        city=order.city,
        country=order.country,
        total=Money(order.total_amount, order.currency),
        lines=tuple(_line(line, numbers.get(line.id, ())) for line in order.lines),
        carrier=shipment.carrier if shipment else "",
        tracking=shipment.tracking if shipment else "",
    )


def _line(line: OrderLine, numbers: tuple[int, ...]) -> LineRow:
    run = line.run
    return LineRow(
        run.id,
        run.release.catalogue_number,
        run.release.artist.name,
        run.release.title,
        run.title,
        numbers,
        run.last_number,
    )


def _parcels(session: Session, ids: Sequence[int]) -> Sequence[tuple[Parcel, Shipment | None]]:
    wanted = select(Parcel, Shipment).outerjoin(Shipment, Shipment.parcel_id == Parcel.id).where(Parcel.order_id.in_(ids))
    return [(parcel, shipment if parcel.state is ParcelState.SENT else None) for parcel, shipment in session.execute(wanted)]
