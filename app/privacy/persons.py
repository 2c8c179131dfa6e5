"""Who a person is to a label: an e-mail address, and the holds, orders and reminders that were made with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from app.drops.models import Drop, Reminder
from app.inventory.models import Hold
from app.kernel.tokens import Tokens
from app.orders.models import Order

_DIGEST = "erased"


@dataclass(frozen=True)
class Person:
    """An address at a label: in small letters as it was written, and in the form in which addresses of one person are equal.

    Only the very address counts, as only it was proven by a mail: what ada+tapes@ bought is not shown to ada@.
    """

    label_id: int
    email: str
    email_key: str

    def digest(self, tokens: Tokens) -> str:
        """A keyed fingerprint, by which it is known again without being stored."""
        return tokens.digest(_DIGEST, f"{self.label_id}\0{self.email}")

    def digests(self, tokens: Tokens) -> list[str]:
        """The same under each key that is accepted, the newest first."""
        return [self.digest(Tokens((key,))) for key in tokens.keys]


def labels_of(session: Session, email: str, email_key: str) -> Sequence[int]:
    """The labels that hold something about an address."""
    ordered = select(Order.label_id).where(*_ordered(email, email_key))
    held = select(Drop.label_id).join(Hold, Hold.drop_id == Drop.id).where(*_held(email, email_key))
    asked = select(Drop.label_id).join(Reminder, Reminder.drop_id == Drop.id).where(*_asked(email, email_key))
    return sorted(set(session.scalars(union(ordered, held, asked))))


def holds_of(session: Session, person: Person, until: datetime | None = None) -> Sequence[int]:
    """The holds made with the address, or whose order has it, oldest first; those begun by `until` only."""
    mine = select(Hold.id).join(Drop, Drop.id == Hold.drop_id).where(Drop.label_id == person.label_id)
    of_orders = select(Order.hold_id).where(Order.label_id == person.label_id, *_ordered(person.email, person.email_key))
    wanted = mine.where(or_(Hold.id.in_(of_orders), Hold.id.in_(_hold_ids(person))))
    if until is not None:
        wanted = wanted.where(Hold.created_at <= until)
    return session.scalars(wanted.order_by(Hold.id)).all()


def reminders_of(session: Session, person: Person, until: datetime | None = None) -> Sequence[Reminder]:
    """The reminders they asked for, oldest first; by `until` only."""
    mine = select(Reminder).join(Drop, Drop.id == Reminder.drop_id).where(Drop.label_id == person.label_id)
    wanted = mine.where(*_asked(person.email, person.email_key)).order_by(Reminder.id)
    return session.scalars(wanted if until is None else wanted.where(Reminder.created_at <= until)).all()


def _hold_ids(person: Person) -> Select[int]:
    """By drop, as that is how the index goes."""
    drops = select(Drop.id).where(Drop.label_id == person.label_id)
    return select(Hold.id).where(Hold.drop_id.in_(drops), *_held(person.email, person.email_key))


def _ordered(email: str, email_key: str) -> tuple[ColumnElement[bool], ...]:
    """What was given away has an address and no key: it is nobody's share of a limit, and theirs all the same."""
    given = and_(Order.email_key == "", Order.total_amount == 0)
    return or_(Order.email_key == email_key, given), func.lower(Order.email) == email


def _held(email: str, email_key: str) -> tuple[ColumnElement[bool], ...]:
    return Hold.email_key == email_key, func.lower(Hold.email) == email


def _asked(email: str, email_key: str) -> tuple[ColumnElement[bool], ...]:
    return Reminder.email_key == email_key, func.lower(Reminder.email) == email
