"""Turns the database's own "there is one already" into a sentence beside the field."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel.errors import BadInput


@contextmanager
def refusing(session: Session, fields: Mapping[str, str]) -> Iterator[None]:
    """Flush what was written inside; BadInput with `fields` when it meets a unique constraint, also in a race."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as fault:
        if "unique" not in str(fault.orig).lower():
            raise
        raise BadInput("", fields) from fault
