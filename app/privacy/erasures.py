"""Erasures as they are asked for, taken back, and found again by their link."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.errors import Conflict, NotFound
from app.kernel.tokens import Tokens
from app.privacy.models import Erasure, ErasureOrigin, ErasureState
from app.privacy.persons import Person

KIND = "erasure"
ASKED, PARTLY, ERASED = "mail.erasure_asked", "mail.erased_partly", "mail.erased"
GRACE = timedelta(days=7)  # in which it can be taken back
_GENERATION = 1


def token(tokens: Tokens, erasure: Erasure) -> str:
    """What stands in the link to an erasure."""
    return tokens.make(KIND, erasure.id, _GENERATION)


def of_token(session: Session, tokens: Tokens, given: str) -> Erasure:
    """The erasure whose link this is; NotFound for any other text."""
    id_ = tokens.peek(given)
    found = session.get(Erasure, id_) if id_ is not None and tokens.proves(given, KIND, id_, _GENERATION) else None
    if found is None:
        raise NotFound("There is no such link. Perhaps it was cut off when it was copied.")
    return found


def waiting(session: Session, tokens: Tokens, person: Person) -> Erasure | None:
    """The erasure of a person that was asked for and is not over."""
    mine = select(Erasure).where(Erasure.label_id == person.label_id, Erasure.digest.in_(person.digests(tokens)))
    return session.scalar(mine.where(Erasure.state == ErasureState.WAITING))


def ask(session: Session, tokens: Tokens, person: Person, now: datetime, staff_id: int | None = None) -> Erasure:
    """Have a person erased after the days of grace, and tell them by mail; asking twice is the same."""
    known = waiting(session, tokens, person)
    if known is not None:
        return known
    erasure = Erasure(
        label_id=person.label_id, digest=person.digest(tokens), email=person.email, email_key=person.email_key,
        origin=ErasureOrigin.DESK if staff_id is not None else ErasureOrigin.FAN, staff_id=staff_id, state=ErasureState.WAITING,
        asked_at=now, due_at=now + GRACE,
    )  # fmt: skip
    session.add(erasure)
    session.flush()
    outbox.enqueue(session, ASKED, str(erasure.id), {"erasure": erasure.id}, now=now, once=True, priority=6)
    return erasure


def take_back(session: Session, erasure_id: int, now: datetime) -> Erasure:
    """Let everything stay; the same twice. Conflict once something was erased."""
    found = locked(session, erasure_id)
    if found.state is ErasureState.DONE or found.begun_at is not None:
        raise Conflict("This cannot be taken back any more: the erasing has begun.")
    if found.state is ErasureState.WAITING:
        end(found, ErasureState.TAKEN_BACK, now)
    session.flush()
    return found


def locked(session: Session, erasure_id: int) -> Erasure:
    """An erasure, locked and read after locking."""
    return session.get_one(Erasure, erasure_id, with_for_update=True, populate_existing=True)


def end(erasure: Erasure, state: ErasureState, now: datetime) -> None:
    """It is over, and its own address goes last."""
    erasure.state, erasure.ended_at, erasure.email, erasure.email_key = state, now, "", ""


def reopen(erasure: Erasure, person: Person, now: datetime, *, begun: bool) -> None:
    """It goes on after a restore. Unless it had `begun` its days begin anew: it may have been taken back in what was lost."""
    erasure.state, erasure.ended_at, erasure.email, erasure.email_key = ErasureState.WAITING, None, person.email, person.email_key
    erasure.looked_at = erasure.told_at = None
    if not begun:
        erasure.due_at = now + GRACE


def person_of(erasure: Erasure) -> Person:
    """Whom a waiting erasure is about."""
    return Person(erasure.label_id, erasure.email, erasure.email_key)
