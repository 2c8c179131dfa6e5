"""INSERT … ON CONFLICT for whichever database a session speaks to."""

from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.orm import Session

from app.kernel.schema import Base


def insert(session: Session, table: type[Base]) -> Insert:
    """An insert that knows on_conflict_do_nothing and on_conflict_do_update; both dialects share the methods we use."""
    if session.get_bind().dialect.name == "sqlite":
        return Insert(table)
    return PostgresInsert(table)  # type: ignore[return-value]  # same methods, no common base
