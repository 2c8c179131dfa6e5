"""Where a backup is put back: an empty database that takes the place of the one there is, all at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.backup.folder import sync
from app.backup.manifest import BackupTrouble
from app.kernel.db import Database, connect, in_use, rebuilding

_ENDS = ("-wal", "-shm", "-journal", "")  # of a SQLite database's files

_FUNCTIONS = """SELECT oid::regprocedure::text FROM pg_proc AS one WHERE pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = one.oid AND deptype = 'e')"""  # an extension's stay


def must_be_free(db: Database, *, replace: bool) -> None:
    """BackupTrouble unless the database is empty, or to be replaced and in nobody's use."""
    if not _is_empty(db):
        if not replace:
            raise BackupTrouble(
                "There is a database already. Name an empty one in DATABASE_URL, or say --replace to lose this one."
            )
        if in_use(db):
            raise BackupTrouble("Something is using this database: stop the shop first, web server and worker.")


def _is_empty(db: Database) -> bool:
    if db.is_sqlite and not Path(db.engine.url.database or "").exists():
        return True  # looking would make it
    try:
        with db.engine.connect() as connection:
            return not inspect(connection).get_table_names()
    except DatabaseError:  # a damaged file, or a server that is away
        if db.is_sqlite:
            return False
        raise


@contextmanager
def made_anew(db: Database, now: datetime) -> Iterator[tuple[Session, Path | None]]:
    """An empty database that takes the place of `db` when the block has ended well."""
    if not db.is_sqlite:
        with rebuilding(db) as session:
            _clear(session.connection())
            yield session, None
        return
    place = Path(db.engine.url.database or "").absolute()
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f"{place.name}.before-{now:%Y%m%dT%H%M%SZ}") if place.exists() and place.stat().st_size else None
    rough = place.with_name(f".{place.name}.restoring")
    _remove(rough)
    fresh = connect(db.engine.url.set(database=str(rough)).render_as_string())
    try:
        with rebuilding(fresh) as session:
            yield session, aside
        db.engine.dispose()  # nobody here may go on with the old file
        fresh.engine.dispose()  # the last one to leave brings the write-ahead log into the file
        sync(rough)
        if aside:
            _move(place, aside)
        _move(rough, place)
        sync(place.parent)
    finally:
        fresh.engine.dispose()
        _remove(rough)


def _clear(connection: Connection) -> None:
    """Remove every table and function of ours from PostgreSQL."""
    for name in inspect(connection).get_table_names():
        connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
    for name in connection.scalars(text(_FUNCTIONS)).all():
        connection.exec_driver_sql(f"DROP FUNCTION {name}")


def _move(file: Path, to: Path) -> None:
    """Rename a SQLite database with its log."""
    for end in _ENDS:
        if (part := file.with_name(file.name + end)).exists():
            part.rename(to.with_name(to.name + end))


def _remove(file: Path) -> None:
    for end in _ENDS:
        file.with_name(file.name + end).unlink(missing_ok=True)
