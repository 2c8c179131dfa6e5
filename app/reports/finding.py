"""What a person may type to find an order: its number, a copy, an address, a name, a parcel's tracking number."""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, func, or_, select

from app.catalogue.models import Release, Run
from app.fulfilment.models import Parcel, Shipment
from app.inventory.models import Copy
from app.orders.models import Order, OrderLine
from app.reports.run_names import is_called

_NUMBER = re.compile(r"[#№\s]*0*([0-9]{1,9})")
_BARE = re.compile(r"[#№]\s*([0-9]{1,4})|[#№]?\s*([0-9]{1,6})\s*/\s*([0-9]{1,6})")  # longer than four digits is an order's
_COPY = re.compile(r"(\S.*?)[\s/#№]+0*([0-9]{1,6})(?:/[0-9]+)?")


@dataclass(frozen=True)
class CopyName:
    """A copy as people write it: "TAPE-014 17", "TAPE-014 cassette № 017/100" or a run's slug and a number.

    As fans read it, "№ 017/100", `what` is empty, and the copy is one of a run that ends with number `last`, if that was typed.
    """

    what: str
    number: int
    last: int | None = None


def order_number(typed: str) -> int | None:
    """The order number that was typed, alone and perhaps with № before it."""
    found = _NUMBER.fullmatch(typed.strip())
    return int(found[1]) if found else None


def copy_name(typed: str) -> CopyName | None:
    """The copy that was typed, by catalogue number or run and its number, or by its number alone."""
    if bare := _BARE.fullmatch(typed.strip()):
        return CopyName("", int(bare[1] or bare[2]), int(bare[3]) if bare[3] else None)
    found = _COPY.fullmatch(typed.strip())
    return CopyName(found[1].strip(), int(found[2])) if found else None


def is_copy(name: CopyName) -> ColumnElement[bool]:
    """The condition on (Copy, Run, Release) that this is the copy."""
    condition = Copy.number == name.number
    if name.last is not None:
        condition &= Run.first_number + Run.edition_size - 1 == name.last
    return condition & is_called(name.what) if name.what else condition


def has_tracking(typed: str) -> ColumnElement[bool]:
    """The condition on Shipment that its tracking number contains what was typed, spaces aside."""
    bare = "".join(typed.split())
    return func.replace(Shipment.tracking, " ", "").icontains(bare, autoescape=True) if bare else false()


def matching(typed: str) -> ColumnElement[bool]:
    """The condition on Order that something about it is what was typed; wildcards mean themselves."""
    number, name = order_number(typed), copy_name(typed)
    posted = select(Parcel.order_id).join(Shipment, Shipment.parcel_id == Parcel.id).where(has_tracking(typed))
    # Both are read through at once; nobody can type the sign between them.
    conditions = [(Order.email + "\n" + Order.name).icontains(typed, autoescape=True), Order.id.in_(posted)]
    if number is not None:
        conditions.append(Order.number == number)
    if name is not None:
        owned = (
            select(OrderLine.order_id)
            .join(Copy, Copy.order_line_id == OrderLine.id)
            .join(Run, Run.id == Copy.run_id)
            .join(Release, Release.id == Run.release_id)
            .where(is_copy(name))
        )
        conditions.append(Order.id.in_(owned))
    return or_(*conditions)
