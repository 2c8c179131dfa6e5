"""Which orders a list is narrowed to, besides stage, drop and search: each filter is a condition on Order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.catalogue.models import Label
from app.fulfilment import territories
from app.fulfilment.customs import UNION
from app.fulfilment.models import Parcel, ParcelState
from app.orders.models import Order, OrderLine, OrderNote, OrderState, TaggedOrder
from app.payments.models import Fate, Payment, Refund, RefundPart
from app.payments.states import GONE, RefundState

OUTSIDE = "outside"  # in the place of a country: across a customs border


class Fact(StrEnum):
    """What may be true of an order."""

    FAN_NOTE = "fan-note"
    DESK_NOTE = "desk-note"
    UNLOCKED = "unlocked"
    AWAITS = "awaits"
    UNDECIDED = "undecided"
    REFUNDED = "refunded"
    SEVERAL = "several"
    LATE = "late"


@dataclass(frozen=True)
class Filters:
    """All that are given must be true; `since` and `until` are instants of placing, the later one not included."""

    run_id: int | None = None
    country: str = ""
    tag_id: int | None = None
    postage: str = ""
    since: datetime | None = None
    until: datetime | None = None
    facts: tuple[Fact, ...] = ()

    @property
    def given(self) -> bool:
        """Is anything asked for?"""
        return self != NONE


NONE = Filters()


def conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """For select(Order).where(…)."""
    if filters.run_id is not None:
        yield Order.id.in_(select(OrderLine.order_id).where(OrderLine.run_id == filters.run_id))
    if filters.country:
        yield _outside() if filters.country == OUTSIDE else Order.country == filters.country
    if filters.tag_id is not None:
        yield Order.id.in_(select(TaggedOrder.order_id).where(TaggedOrder.tag_id == filters.tag_id))
    if filters.postage:
        yield Order.postage_name == filters.postage
    if filters.since is not None:
        yield Order.placed_at >= filters.since
    if filters.until is not None:
        yield Order.placed_at < filters.until
    yield from (_FACTS[fact] for fact in filters.facts)


def _outside() -> ColumnElement[bool]:
    """As customs.leaves says it, for labels that post from no such territory themselves."""
    home = exists().where(Label.id == Order.label_id, Label.country != Order.country)
    apart = home.where(or_(Order.country.not_in(UNION), Label.country.not_in(UNION))).correlate(Order)
    return (Order.country != "") & or_(apart, *_territories())


def _territories() -> Iterator[ColumnElement[bool]]:
    typed: ColumnElement[str] = func.upper(Order.postal_code)
    for sign in territories.NOT_A_SIGN:
        typed = func.replace(typed, sign, "")
    for country, places in groupby(territories.TERRITORIES, key=lambda place: place.country):
        begins = [each for place in places for each in territories.begins(place)]
        yield and_(Order.country == country, or_(*(typed.startswith(each) for each in begins)))


def _refund(*what: ColumnElement[bool]) -> ColumnElement[bool]:
    return Order.id.in_(select(Payment.order_id).join(Refund, Refund.payment_id == Payment.id).where(*what))


_OPEN = Order.id.in_(select(Parcel.order_id).where(Parcel.state == ParcelState.OPEN))
_FACTS: dict[Fact, ColumnElement[bool]] = {
    Fact.FAN_NOTE: Order.note != "",
    Fact.DESK_NOTE: Order.id.in_(select(OrderNote.order_id)),
    Fact.UNLOCKED: and_(_OPEN, Order.state == OrderState.PLACED),
    Fact.AWAITS: _refund(Refund.state == RefundState.PROPOSED),
    Fact.UNDECIDED: _refund(Refund.parts.any(RefundPart.fate == Fate.UNDECIDED)),
    Fact.REFUNDED: _refund(Refund.state.in_(GONE)),
    Fact.SEVERAL: exists().where(OrderLine.order_id == Order.id, OrderLine.quantity > 1).correlate(Order),
    Fact.LATE: Order.late.is_(True),
}
