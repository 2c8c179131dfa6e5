"""Copies of an order that leave it: back to stock or off sale, each with its movement."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.fulfilment.models import Parcel, ParcelState
from app.inventory import claims
from app.inventory.states import CopyState
from app.kernel.errors import Conflict
from app.orders.models import Order
from app.payments.models import Fate, RefundPart

_WHERE = {Fate.PUT_BACK: CopyState.AVAILABLE, Fate.WITHDRAWN: CopyState.WITHDRAWN}


def leaving(parts: Iterable[RefundPart]) -> dict[int, tuple[CopyState, str]]:
    """The copies that do not stay with the fan, by key: where they go, and in words why."""
    going = {}
    for part in parts:
        where = _WHERE.get(part.fate) if part.fate else None
        if part.copy_id is not None and where is not None:
            going[part.copy_id] = where, part.words or ""
    return dict(sorted(going.items()))


def check_in_reach(parcel: Parcel, *, sent: bool) -> None:
    """Conflict while the copies lie in a closed parcel, or when it left after somebody had looked."""
    if parcel.state is ParcelState.PACKED:
        raise Conflict("The copies lie in a packed parcel. Unpack it first, then they can be taken out.")
    if (parcel.state is ParcelState.SENT) != sent:
        raise Conflict("The parcel has left meanwhile. Look again, then say which copies came back.")


def move(session: Session, order: Order, parts: Iterable[RefundPart], now: datetime, actor: str, why: str) -> None:
    """Take the copies of these parts out of the order, as each part says."""
    lines = [line.id for line in order.lines]
    for copy_id, (where, words) in leaving(parts).items():
        claims.take_back(session, copy_id, lines, where, now, actor, f"{why}: {words}" if words else why)
