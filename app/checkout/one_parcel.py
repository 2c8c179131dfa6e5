"""Later orders of a fan to the same address join the parcel that is still open, unless fan or label want it otherwise."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.catalogue.models import Label
from app.checkout.one_way import way
from app.fulfilment import joining, parcels, together, waiting
from app.fulfilment.models import Parcel, ParcelState
from app.kernel import outbox
from app.kernel.ready import Ready
from app.kernel.schema import is_one_of, table
from app.orders.models import Order, OrderState

POSTAGE = "postage.give_back"
GRACE = timedelta(hours=1)  # so long the fan may have it sent on its own; then the postage goes back
JOINED = "order.joined_parcel"
PLACE = ("name", "line1", "line2", "postal_code", "city", "region", "country")

_ORDERS, _PARCELS, _LABELS = table(Order).c, table(Parcel).c, table(Label).c
_OPEN = Ready(
    select(_ORDERS.id, *(_ORDERS[name] for name in PLACE))
    .join_from(table(Order), table(Parcel), _PARCELS.order_id == _ORDERS.id)
    .join(table(Label), _LABELS.id == _ORDERS.label_id)
    .where(_ORDERS.email_key == bindparam("email_key"), _ORDERS.label_id == bindparam("label"), _ORDERS.id != bindparam("order"))
    .where(_ORDERS.currency == bindparam("currency"), is_one_of(_ORDERS.state, OrderState.PLACED))
    .where(is_one_of(_PARCELS.state, ParcelState.OPEN), _PARCELS.alone.is_(False), _LABELS.joins_orders)
    .order_by(_PARCELS.id)
)
_LOCK = Ready(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("fan"), 0)).is_(None)))


def lock_fan(session: Session, label_id: int, *email_keys: str) -> None:
    """Wait until no other order of this fan at this label looks for a parcel; before any parcel is locked."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer
        for key in sorted(set(email_keys)):
            _LOCK.rows(session, fan=f"parcel:{label_id}:{key}")


def join(session: Session, order: Order, now: datetime, *, postage: bool = True) -> bool:
    """Let an order's parcel join the fan's open one to the same place, if there is one; it is sole, open, and the fan locked.

    With `postage` what both together cost less goes back in an hour.
    """
    if not order.email_key or not order.line1:
        return False  # a gift, or nowhere
    lock_fan(session, order.label_id, order.email_key)
    for known in _same_place(session, order):
        here = {each.order_id: each for each in together.locked(session, [known, order.id])}
        others = together.orders(session, known)
        if here[known].state is not ParcelState.OPEN or here[known].alone or not way(session, [*others, order]):
            continue
        if not _all_stand(session, others):
            continue  # one was cancelled while we waited for its parcel
        if waiting.waits_for_run(session, order) or waiting.waiting(session, [each.id for each in others]):
            continue  # a pre-order, or a copy that did not come: what is here would have to wait with it
        joining.join(session, here[order.id], here[others[0].id], now)
        note(session, JOINED, order, now, into=others[0].reference)
        if postage:
            later(session, order, now)
        return True
    return False


def _all_stand(session: Session, orders: Sequence[Order]) -> bool:
    """Asked of the rows as they are now that the parcels are locked, not of what was read before."""
    gone = select(Order.id).where(Order.id.in_([each.id for each in orders]), Order.state != OrderState.PLACED)
    return session.scalar(gone.limit(1)) is None


def _same_place(session: Session, order: Order) -> list[int]:
    """The fan's other orders, to the same place, whose parcels are open; the oldest first."""
    about = {"label": order.label_id, "email_key": order.email_key, "currency": order.currency, "order": order.id}
    mine = place({name: getattr(order, name) for name in PLACE})
    return [id_ for id_, *rest in _OPEN.rows(session, **about) if place(dict(zip(PLACE, rest, strict=True))) == mine]


def place(address: Mapping[str, Any]) -> tuple[str, ...]:
    """An address without regard to capitals, commas, stops and spaces: who writes it twice seldom writes it the same."""
    plain = (unicodedata.normalize("NFKC", str(address[name])).casefold() for name in PLACE)
    return tuple(" ".join(text.replace(",", " ").replace(".", " ").split()) for text in plain)


def place_of(order: Order) -> tuple[str, ...]:
    """Where an order goes, written so that it can be compared."""
    return place({name: getattr(order, name) for name in PLACE})


def follow(session: Session, order: Order, now: datetime) -> None:
    """An order goes elsewhere, or to somebody else, by now: it leaves the parcel that it shared, and joins one that fits.

    The caller has locked the order, the fan and the parcel, which is still here.
    """
    others = [each for each in together.orders(session, order.id) if each.id != order.id]
    if any(place_of(each) != place_of(order) or each.email_key != order.email_key for each in others):
        joining.leave(session, order.id, now)
        others = []
    parcel = parcels.locked(session, order.id)
    if not others and parcel.state is ParcelState.OPEN and not parcel.alone:
        session.flush()
        join(session, order, now)


def later(session: Session, order: Order, now: datetime) -> None:
    """Look in an hour how much of an order's postage goes back."""
    if order.postage_amount:
        outbox.enqueue(session, POSTAGE, str(order.id), {"order": order.id}, now=now, run_at=now + GRACE, priority=6)


def note(session: Session, deed: str, order: Order, now: datetime, **detail: str | int | None) -> None:
    """Write down what nobody at the desk has done."""
    about = {"number": order.reference if order.number > 0 else None, **detail}  # it is numbered last
    audit.note(session, deed, "order", order.id, now=now, staff_id=None, label_id=order.label_id, **about)
