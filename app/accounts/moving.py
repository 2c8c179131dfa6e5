"""Changing one's e-mail address at the desk: the new one must answer before the old one is let go."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts import joining, people
from app.accounts.models import Staff
from app.kernel import outbox
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, NotFound
from app.kernel.schema import NEVER_AGAIN, Base, Key
from app.kernel.tokens import Tokens

KIND, MAIL, TOLD = "new-address", "mail.new_address", "mail.address_changed"
LASTS = timedelta(hours=1)
_TAKEN = {"email": "This address cannot be yours here. Choose another one."}
_GONE = "This link does not count: it was used, is older than an hour, or another address was asked for since."


class NewAddress(Base):
    """An address that somebody wants to sign in with; the token of the link to it is derived from the id."""

    __tablename__ = "new_addresses"

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    email: Mapped[str]  # normalised; afterwards the address that was left
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_new_addresses_staff_id", "staff_id"), NEVER_AGAIN)


def ask(session: Session, staff_id: int, email: str, now: datetime) -> NewAddress:
    """Mail a link to the new address; one that was asked for earlier ends. BadInput for an odd address or one's own.

    Whether somebody else has it is not said here, but to who reads the mail there: it says the same to everybody.
    """
    address = joining.address(email)
    if address == session.get_one(Staff, staff_id).email:
        raise BadInput("", {"email": "This is your address already."})
    withdraw(session, staff_id, now)
    row = NewAddress(staff_id=staff_id, email=address, asked_at=now)
    session.add(row)
    session.flush()
    outbox.enqueue(session, MAIL, str(row.id), {"address": row.id}, now=now, once=True, priority=6)
    return row


def withdraw(session: Session, staff_id: int, now: datetime) -> None:
    """Whatever was asked for ends."""
    session.execute(update(NewAddress).where(NewAddress.staff_id == staff_id, *_open()).values(withdrawn_at=now))


def waiting(session: Session, staff_id: int, now: datetime) -> NewAddress | None:
    """The address that somebody has asked for and not confirmed yet."""
    mine = select(NewAddress).where(NewAddress.staff_id == staff_id, *_open(), NewAddress.asked_at >= now - LASTS)
    return session.scalar(mine.order_by(NewAddress.id.desc()).limit(1))


def of_token(session: Session, tokens: Tokens, token: str, staff_id: int, now: datetime) -> NewAddress:
    """What the link is about, locked; NotFound unless it counts still and belongs to who is signed in."""
    id_ = tokens.peek(token)
    found = session.get(NewAddress, id_, with_for_update=True, populate_existing=True) if id_ else None
    if found is None or not tokens.proves(token, KIND, found.id, 1) or found.staff_id != staff_id:
        raise NotFound(_GONE)
    if found.confirmed_at or found.withdrawn_at or now - found.asked_at > LASTS:
        raise NotFound(_GONE)
    return found


def confirm(session: Session, found: NewAddress, now: datetime) -> str:
    """Sign in with the new one from now on; the old one, which is told by mail. BadInput when somebody has it by now."""
    person = session.get_one(Staff, found.staff_id, with_for_update=True, populate_existing=True)
    old = person.email
    with refusing(session, _TAKEN):
        person.email = found.email
        session.flush()
    found.confirmed_at, found.email = now, old
    session.flush()
    outbox.enqueue(session, TOLD, str(found.id), {"address": found.id}, now=now, once=True, priority=6)
    people.end_sessions(session, person.id, now)
    return old


def token(tokens: Tokens, found: NewAddress) -> str:
    """What its link ends in."""
    return tokens.make(KIND, found.id, 1)


def _open() -> tuple[ColumnElement[bool], ...]:
    return NewAddress.confirmed_at.is_(None), NewAddress.withdrawn_at.is_(None)
