"""A link to what is held about an address, mailed to that address: for a day, and one at a time."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.errors import NotFound
from app.kernel.tokens import Tokens
from app.privacy import persons
from app.privacy.models import DataLink

KIND, MAIL = "data", "mail.data_link"
LASTS = timedelta(hours=24)


def ask(session: Session, written: str, email_key: str, now: datetime) -> bool:
    """Mail a link if anything is held about the address, and say whether; nobody but its reader is to know that."""
    email = written.lower()
    if not persons.labels_of(session, email, email_key):
        return False
    link = session.scalar(select(DataLink).where(DataLink.email == email).with_for_update())
    if link is None:
        link = DataLink(email=email, email_key=email_key, generation=0, sent_at=now)
        session.add(link)
    link.generation, link.sent_at = link.generation + 1, now
    session.flush()
    about = {"data_link": link.id, "generation": link.generation}
    outbox.enqueue(session, MAIL, f"{link.id}:{link.generation}", about, now=now, once=True, priority=6)
    return True


def token(tokens: Tokens, link: DataLink) -> str:
    """What stands in the link."""
    return tokens.make(KIND, link.id, link.generation)


def of_token(session: Session, tokens: Tokens, given: str, now: datetime) -> DataLink:
    """Whose link this is; NotFound when it is a day old, or another was sent since."""
    id_ = tokens.peek(given)
    link = session.get(DataLink, id_) if id_ is not None else None
    if link is None or not tokens.proves(given, KIND, link.id, link.generation) or now - link.sent_at > LASTS:
        raise NotFound("This link has ended: it counts for a day, and ends when another is asked for. Ask for a new one.")
    return link


def sweep(session: Session, now: datetime) -> None:
    """Forget links that have ended."""
    session.execute(delete(DataLink).where(DataLink.sent_at < now - LASTS))
