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
from app.orders.models import Order, OrderLine, OrderState
from app.payments.models import Payment
from app.payments.states import PaymentState
from app.reports import money_word, run_names
from app.reports.awaited import awaited
from app.reports.money_word import MoneyWord
from app.reports.order_postage import PaidPostage, paid_postage
from app.reports.order_stage import Stage, stage_of
from app.reports.yours import Numbers, once_allocated

HELD_UP = (MoneyWord.INQUIRED, MoneyWord.DISPUTED, MoneyWord.LOST)


@dataclass(frozen=True)
class LineRow:
    """The copies of one run in an order; `name` is what the run is called in a list."""

    run_id: int
    name: str
    catalogue_number: str
    artist: str
    title: str
    run_title: str
    numbers: tuple[int, ...]
    last: int


@dataclass(frozen=True)
class OrderRow:
    """An order in a list; `awaits` is a refund that takes copies out and is not decided yet, while the parcel is here."""

    id: int
    reference: str
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

    @property
    def beside(self) -> MoneyWord | None:
        """What the money adds to the stage, unless the stage says it."""
        said = self.stage is Stage.DISPUTED and self.money in {MoneyWord.DISPUTED, MoneyWord.INQUIRED}
        return None if said else self.money


def rows(session: Session, ids: Sequence[int]) -> list[OrderRow]:
    """These orders as rows, in the sequence of their ids given."""
    runs = selectinload(Order.lines).joinedload(OrderLine.run).joinedload(Run.release).joinedload(Release.artist)
    wanted = select(Order).where(Order.id.in_(ids)).options(joinedload(Order.label), runs)
    orders = {order.id: order for order in session.scalars(wanted)}
    lines = [line for order in orders.values() for line in order.lines]
    numbers = _numbers(session, list(orders.values()))
    postage = paid_postage(session, list(orders.values()))
    called = run_names.names(session, [line.run_id for line in lines])
    money = select(Payment.order_id).where(Payment.order_id.in_(ids), Payment.state == PaymentState.CAPTURED)
    captured = set(session.scalars(money))
    said = money_word.words(session, ids)
    waits = awaited(session, ids)
    parcels = {parcel.order_id: (parcel, shipment) for parcel, shipment in _parcels(session, ids)}
    made = []
    for order in (orders[id_] for id_ in ids if id_ in orders):
        parcel, shipment = parcels.get(order.id, (None, None))
        paid, word = order.total_amount == 0 or order.id in captured, said.get(order.id)
        stage = stage_of(order, paid=paid, disputed=word in HELD_UP, parcel=parcel.state if parcel else None)
        made.append(
            _row(
                order,
                stage,
                word,
                tuple(_line(line, called[line.run_id], numbers[line.id]) for line in order.lines),
                postage[order.id],
                shipment,
                waits.get(order.id) if stage in {Stage.TO_PACK, Stage.PACKED} else None,
                parcel.state if parcel else None,
            )
        )
    return made


def _numbers(session: Session, orders: Sequence[Order]) -> Numbers:
    """The copies of each line; those it had, when its order is cancelled."""
    over = [line.id for order in orders if order.state is OrderState.CANCELLED for line in order.lines]
    return counts.numbers_of_lines(session, [line.id for order in orders for line in order.lines]) | once_allocated(session, over)


def _row(
    order: Order,
    stage: Stage,
    word: MoneyWord | None,
    lines: tuple[LineRow, ...],
    postage: PaidPostage,
    shipment: Shipment | None,
    awaits: int | None,
    parcel: ParcelState | None,
) -> OrderRow:
    return OrderRow(
        id=order.id,
        reference=order.reference,
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
        postage=postage,
        carrier=shipment.carrier if shipment else "",
        tracking=shipment.tracking if shipment else "",
        awaits=awaits,
        parcel=parcel,
    )


def _line(line: OrderLine, name: str, numbers: tuple[int, ...]) -> LineRow:
    run = line.run
    return LineRow(
        run.id,
        name,
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
