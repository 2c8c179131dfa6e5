"""One box for everything: fans by e-mail, orders by number, copies by name, parcels by tracking number."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import Release, Run
from app.drops.models import Drop
from app.fulfilment.models import Parcel, Shipment
from app.inventory.models import Copy, Hold
from app.inventory.states import CopyState
from app.orders.models import Order
from app.reports import finding, order_rows, run_names
from app.reports.order_rows import LineRow
from app.reports.run_names import copy_name

MOST = 20  # of each kind


class Kind(StrEnum):
    """What was found."""

    ORDER = "order"
    COPY = "copy"
    FAN = "fan"
    PARCEL = "parcel"


@dataclass(frozen=True)
class Hit:
    """Something found: `id` is an order's, for a copy the copy's, for a fan their last hold's.

    `copies` are those of an order, `state` is that of a copy.
    """

    kind: Kind
    id: int
    text: str
    note: str
    exact: bool
    copies: tuple[LineRow, ...] = ()
    state: CopyState | None = None


def find(session: Session, label_ids: Sequence[int], typed: str) -> list[Hit]:
    """What the labels have that matches, exact finds first; nothing for an empty box."""
    if not typed.strip():
        return []
    found = [
        *_orders(session, label_ids, typed),
        *_copies(session, label_ids, typed),
        *_fans(session, label_ids, typed),
        *_parcels(session, label_ids, typed),
    ]
    return sorted(found, key=lambda hit: not hit.exact)


def _orders(session: Session, label_ids: Sequence[int], typed: str) -> list[Hit]:
    number = finding.order_number(typed)
    is_it, named = Order.number == (-1 if number is None else number), Order.name.icontains(typed, autoescape=True)
    mine = select(Order.id, is_it).where(Order.label_id.in_(label_ids), or_(is_it, named))
    found = session.execute(mine.order_by(is_it.desc(), Order.id.desc()).limit(MOST)).all()
    numbered = {id_ for id_, exact in found if exact}
    return [
        Hit(Kind.ORDER, row.id, f"№ {row.reference}", row.name, row.id in numbered, copies=row.lines)
        for row in order_rows.rows(session, [id_ for id_, _ in found])
    ]


def _copies(session: Session, label_ids: Sequence[int], typed: str) -> list[Hit]:
    name = finding.copy_name(typed)
    if name is None:
        return []
    wanted = (
        select(Copy, Run)
        .join(Run, Run.id == Copy.run_id)
        .join(Release, Release.id == Run.release_id)
        .where(Release.label_id.in_(label_ids), finding.is_copy(name))
        .limit(MOST)
    )
    found = session.execute(wanted).all()
    called = run_names.names(session, [run.id for _, run in found])
    return [
        Hit(Kind.COPY, copy.id, name, run.title, exact=True, state=copy.state)
        for copy, run in found
        for name in [copy_name(called[run.id], copy.number, run.last_number, copy.issue)]
    ]


def _fans(session: Session, label_ids: Sequence[int], typed: str) -> list[Hit]:
    """Fans are known by their address: those who bought, then those who only held."""
    bought = (
        select(Order.email, func.count(), func.max(Order.hold_id))
        .where(Order.label_id.in_(label_ids), Order.email.icontains(typed, autoescape=True))
        .group_by(Order.email)
        .limit(MOST)
    )
    hits = [
        Hit(Kind.FAN, hold_id, email, f"{orders} orders" if orders > 1 else "1 order", _same(email, typed))
        for email, orders, hold_id in session.execute(bought)
    ]
    held = (
        select(Hold.email, func.count(), func.max(Hold.id))
        .join(Drop, Drop.id == Hold.drop_id)
        .where(Drop.label_id.in_(label_ids), Hold.email.icontains(typed, autoescape=True))
        .where(Hold.email.not_in([hit.text for hit in hits]))
        .group_by(Hold.email)
        .limit(MOST)
    )
    for email, holds, hold_id in session.execute(held):
        note = f"{holds} holds, no order" if holds > 1 else "1 hold, no order"
        hits.append(Hit(Kind.FAN, hold_id, email, note, _same(email, typed)))
    return hits


def _parcels(session: Session, label_ids: Sequence[int], typed: str) -> list[Hit]:
    wanted = (
        select(Shipment, Order)
        .join(Parcel, Parcel.id == Shipment.parcel_id)
        .join(Order, Order.id == Parcel.order_id)
        .where(Order.label_id.in_(label_ids), finding.has_tracking(typed))
        .limit(MOST)
    )
    return [
        Hit(Kind.PARCEL, order.id, f"{sent.carrier} {sent.tracking}", f"№ {order.reference}", _same(sent.tracking, typed))
        for sent, order in session.execute(wanted)
    ]


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).lower() == "".join(other.split()).lower()
