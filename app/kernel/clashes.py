"""Turns what the database's own constraints refuse into a sentence for the person."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel.errors import BadInput, Conflict


@contextmanager
def refusing(session: Session, fields: Mapping[str, str]) -> Iterator[None]:
    """Flush what was written inside; BadInput with `fields` when it meets a unique constraint, also in a race."""
    with _flushed(session, "unique", BadInput("", fields)):
        yield


@contextmanager
def in_use(session: Session, sentence: str) -> Iterator[None]:
    """Flush what was removed inside; Conflict with the sentence when another row still points at it."""
    with _flushed(session, "foreign key", Conflict(sentence)):
        yield


@contextmanager
def _flushed(session: Session, kind: str, no: BadInput | Conflict) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as fault:
        if kind not in str(fault.orig).lower():
            raise
        raise no from fault
