"""The numbers that rows get as their keys."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def go_on_after(session: Session, *tables: str) -> None:
    """Rows were put in under keys of their own: the next ones get higher keys. SQLite sees to that itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        highest = f"SELECT MAX(id) FROM {table}"  # noqa: S608 - names of our own tables
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        session.execute(text(f"SELECT setval({sequence}, GREATEST(nextval({sequence}), ({highest})))"))
