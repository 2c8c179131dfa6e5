"""Takes a person's name and address out of the searches that staff have kept under a name."""

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import SavedView, StaffRole
from app.orders.models import Order
from app.privacy.persons import Person

_LOOKED_FOR = "q"  # the name of the box in a list's address
_LEAST = 3  # signs by which somebody is found


def words_of(session: Session, person: Person, hold_ids: Collection[int]) -> set[str]:
    """The address and the names by which they could be searched for, in small letters."""
    names = session.scalars(select(Order.name).where(Order.hold_id.in_(hold_ids)).distinct())
    return {person.email, *(name.lower() for name in names if name)}


def cut(session: Session, person: Person, words: Collection[str]) -> None:
    """A view that looked for them looks for nothing any more; its other filters stay."""
    of_label = select(StaffRole.staff_id).where(StaffRole.label_id == person.label_id)
    theirs = select(SavedView).where(or_(SavedView.label_id == person.label_id, SavedView.staff_id.in_(of_label)))
    for view in session.scalars(theirs.with_for_update()):
        pairs = parse_qsl(view.query)
        kept = [(name, value) for name, value in pairs if name != _LOOKED_FOR or not _finds(value, words)]
        if kept != pairs:
            view.query = urlencode(kept)
    session.flush()


def _finds(typed: str, words: Collection[str]) -> bool:
    look = typed.strip().lower()
    return len(look) >= _LEAST and any(look in word or word in look for word in words)
