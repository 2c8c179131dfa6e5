"""What a person sees who packs by scanning: the copy in their hand, the parcel before them, and what is in it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.fulfilment import carriers, contents, together
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.inventory import counts
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.orders.models import Order, OrderLine
from app.reports import order_list, order_notes, order_postage, run_names


@dataclass(frozen=True)
class ScanCopy:
    """One copy: `order_id` is the order it belongs to, None for nobody's."""

    id: int
    run_id: int
    name: str
    label_id: int
    state: CopyState
    order_id: int | None


@dataclass(frozen=True)
class InParcel:
    """A copy that belongs into a parcel; is it in?"""

    name: str
    inside: bool


@dataclass(frozen=True)
class ScanParcel:
    """The parcel of an order: for whom, where to, its copies in number order, and what staff noted for its packing.

    `reference` names all orders in it.
    """

    order_id: int
    reference: str
    name: str
    place: str
    packed: bool
    copies: tuple[InParcel, ...]
    noted: tuple[str, ...]

    @property
    def left(self) -> int:
        """How many copies are still to go in."""
        return sum(not copy.inside for copy in self.copies)


def scan_copy(session: Session, copy_id: int) -> ScanCopy | None:
    """The copy with this id; None where there is none."""
    found = session.get(Copy, copy_id)
    if found is None:
        return None
    order_id = session.scalar(select(OrderLine.order_id).where(OrderLine.id == found.order_line_id))
    label_id = session.get_one(Run, found.run_id).release.label_id
    name = run_names.copy_names(session, [found.id])[found.id]
    return ScanCopy(found.id, found.run_id, name, label_id, found.state, order_id)


def scan_parcel(session: Session, order: Order) -> ScanParcel:
    """The parcel of this order, with all that leaves in it."""
    whole, orders = together.members(session, order.id), together.orders(session, order.id)
    inside = {copy_id for parcel in whole for copy_id in contents.inside(session, parcel)}
    lines = [line.id for each in orders for line in each.lines]
    owned = [each.copy_id for each in counts.owned_by_lines(session, lines)]
    noted = order_notes.on_slips(session, [each.id for each in orders])
    names = run_names.copy_names(session, owned)
    return ScanParcel(
        order_id=order.id,
        reference=" + ".join(each.reference for each in orders),
        name=order.name,
        place=" ".join(filter(None, (order.city, order.country))),
        packed=whole[0].state is ParcelState.PACKED,
        copies=tuple(InParcel(names[id_], id_ in inside) for id_ in owned),
        noted=tuple(text for each in orders for text in noted.get(each.id, ())),
    )


@dataclass(frozen=True)
class Leaves:
    """How a packed parcel may leave: the carriers to choose from, and the one that its postage names or that came last."""

    carriers: tuple[str, ...]
    begin: str


def leaves(session: Session, order: Order) -> Leaves:
    """How the packed parcel of this order may leave."""
    paid = order_postage.paid_postage(session, [order])[order.id].carrier
    last = order_list.last_carrier(session, [order.label_id])
    choices = carriers.choices(paid, last)
    return Leaves(tuple(choices), paid or last or choices[0])


@dataclass(frozen=True)
class HasLeft:
    """A parcel that is on its way."""

    reference: str
    name: str
    carrier: str
    tracking: str


def has_left(session: Session, order: Order) -> HasLeft | None:
    """The shipment of this order; None while its parcel is here."""
    wanted = select(Shipment).join(Parcel, Parcel.id == Shipment.parcel_id).where(Parcel.order_id == order.id)
    sent = session.scalar(wanted.order_by(Shipment.id.desc()).limit(1))
    return HasLeft(order.reference, order.name, sent.carrier, sent.tracking) if sent else None
