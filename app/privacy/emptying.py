"""Empties one hold with its order, under their locks, as far as nothing of it is needed any more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import parcels
from app.inventory import forgetting, holds
from app.inventory.models import Hold
from app.orders.models import Order
from app.privacy import forget, held_back
from app.privacy.held_back import Because, Kept
from app.privacy.persons import Person

HOLD, REMINDER = "hold:", "reminder:"  # how the record names them


@dataclass(frozen=True)
class Emptied:
    """What is still kept of a hold, if anything; `refs` are the names of what was emptied, all or in part, for the record."""

    kept: Kept | None
    refs: tuple[str, ...] = ()


def empty(session: Session, hold_id: int, person: Person | None, now: datetime) -> Emptied:
    """Empty what may be emptied now; again and again until nothing is kept.

    The order is left alone where it is another `person`'s by now, because its address was corrected. The hold is locked first, as
    by whoever settles it: an order that comes at the same moment is seen, and kept.
    """
    hold = holds.locked(session, hold_id)
    if hold is None:
        return Emptied(None)
    order = order_of(session, hold.id)
    because = held_back.all_of_it(session, hold, order)
    if because is not None:
        return Emptied(Kept(because))
    return _empty(session, hold, order if order is not None and _theirs(order, person) else None, order, now)


def empty_again(session: Session, hold_id: int, now: datetime) -> Emptied | None:
    """Empty what was emptied before, though an older backup says that it is still needed; None when there is no such hold."""
    hold = holds.locked(session, hold_id)
    if hold is None:
        return None
    order = order_of(session, hold.id)
    return _empty(session, hold, order, order, now)


def outlook(session: Session, hold: Hold, order: Order | None, now: datetime) -> Kept | None:
    """What would be kept if it were emptied now."""
    because = held_back.all_of_it(session, hold, order)
    if because is not None:
        return Kept(because)
    if held_back.is_counted(session, hold, order, now):
        return Kept(Because.COUNTED)
    until = held_back.accounts_until(session, order) if order is not None else None
    return Kept(Because.ACCOUNTS, until) if until is not None and until > now else None


def _empty(session: Session, hold: Hold, theirs: Order | None, order: Order | None, now: datetime) -> Emptied:
    counted = held_back.is_counted(session, hold, order, now)
    until = held_back.accounts_until(session, theirs) if theirs is not None else None
    forgetting.forget(session, hold, counted=counted)
    sessions = forget.payments(session, hold)
    if theirs is not None:
        forget.contact(session, theirs, counted=counted)
        if until is None or until <= now:
            forget.name_and_address(session, theirs)
    kept = Kept(Because.COUNTED) if counted else Kept(Because.ACCOUNTS, until) if until is not None and until > now else None
    return Emptied(kept, (f"{HOLD}{hold.id}", *sessions))


def order_of(session: Session, hold_id: int) -> Order | None:
    """The order of a hold, locked with its parcel, as by whoever packs it, changes it or gives money back."""
    mine = select(Order).where(Order.hold_id == hold_id).with_for_update()
    order = session.scalar(mine, execution_options={"populate_existing": True})
    if order is not None:
        parcels.locked(session, order.id)
    return order


def _theirs(order: Order, person: Person | None) -> bool:
    return person is None or order.email.lower() in {"", person.email}
