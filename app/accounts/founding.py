"""The first person of a shop: a link that only who runs the machine can print makes their account, once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts import joining, people
from app.accounts.models import Staff
from app.accounts.roles import Role
from app.kernel.errors import Conflict, NotFound
from app.kernel.schema import Base, Key

LASTS = timedelta(hours=1)
_GONE = "This link does not count: it was used, is older than an hour, or a newer one was printed. Print a new one on the server."


class FoundingLink(Base):
    """A link that makes a shop's first account; only a digest of it is stored, and a newer one ends it."""

    __tablename__ = "founding_links"

    id: Mapped[Key]
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who used it

    __table_args__ = (Index("ix_founding_links_staff_id", "staff_id"),)


def make_link(session: Session, now: datetime) -> str:
    """A new token, which is not stored; older ones end. Conflict when somebody works here already."""
    _check_nobody(session)
    session.execute(update(FoundingLink).where(FoundingLink.ended_at.is_(None)).values(ended_at=now))
    token = secrets.token_urlsafe(24)
    session.add(FoundingLink(digest=_digest(token), made_at=now))
    session.flush()
    return token


def of_token(session: Session, token: str, now: datetime) -> FoundingLink:
    """The link with this token, locked; NotFound when it does not count (any more), or when the shop has people already."""
    wanted = select(FoundingLink).where(FoundingLink.digest == _digest(token), FoundingLink.ended_at.is_(None))
    found = session.scalar(wanted.with_for_update())
    if found is None or now - found.made_at > LASTS or not people.none_yet(session):
        raise NotFound(_GONE)
    return found


def found(session: Session, link: FoundingLink, email: str, name: str, password_hash: str, now: datetime) -> Staff:
    """The first account; it owns whatever labels were made on the command line. BadInput for an odd address."""
    person = Staff(email=joining.address(email), name=name, password_hash=password_hash, created_at=now)
    session.add(person)
    session.flush()
    link.ended_at, link.staff_id = now, person.id
    return person


def own(session: Session, staff_id: int, label_ids: list[int]) -> None:
    """Make somebody the owner of labels that have nobody."""
    for label_id in label_ids:
        people.set_role(session, staff_id, label_id, Role.OWNER)


def _check_nobody(session: Session) -> None:
    if not people.none_yet(session):
        raise Conflict("Somebody works here already, so the shop is set up from the desk. More accounts: flask staff add EMAIL")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
