"""INSERT … ON CONFLICT for whichever database a session speaks to."""

from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.orm import Session

from app.kernel.schema import Base, table


def insert(session: Session, kind: type[Base]) -> Insert:
    """An insert that knows on_conflict_do_nothing and on_conflict_do_update; both dialects share the methods we use."""
    return insert_for(session.get_bind().dialect.name, kind)


def insert_for(dialect: str, kind: type[Base]) -> Insert:
    """The same by the dialect's name, for a statement that is built once."""
    if dialect == "sqlite":
        return Insert(table(kind))
    return PostgresInsert(table(kind))  # type: ignore[return-value]  # same methods, no common base
