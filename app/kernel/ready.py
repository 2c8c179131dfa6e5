"""Statements for the busiest seconds: compiled once for each database, and run past the bookkeeping that others need."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Rows = list[tuple[Any, ...]]
CONNECTION = "connection"  # where a session that writes keeps its connection at hand


def named(names: Iterable[str], row: Iterable[Any]) -> SimpleNamespace:
    """Values by their names, for where a mapped object would cost more than it gives; what has no name is left out."""
    return SimpleNamespace(**dict(zip(names, row, strict=False)))


class Ready:
    """One statement with named parameters; an insert or update that gives nothing back has no rows."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, session: Session, **given: Any) -> Rows:
        """Run it in a session's transaction; values and columns go through their types. Raises what SQLAlchemy would."""
        connection = session.info.get(CONNECTION)
        if connection is None or connection.closed:
            connection = session.connection()
        if connection.dispatch.before_cursor_execute:  # somebody watches, such as a test that bursts in here
            result = connection.execute(self._statement, given)
            return [tuple(row) for row in result] if result.returns_rows else []
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.text, compiled.parameters(given))
            return compiled.read(cursor.fetchall()) if compiled.gives_rows else []
        except dialect.loaded_dbapi.Error as fault:
            raise _wrapped(connection, compiled.text, fault) from fault
        finally:
            cursor.close()


class _Compiled:
    """What SQLAlchemy's own compiler made of a statement, for one kind of database."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        made = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.text = str(made)
        names = made.positiontup
        self._order: list[str] | None = names
        self._fixed: dict[str, Any] = made.construct_params(_check=False)
        self._into = dict(made._bind_processors)
        columns = statement._all_selected_columns if hasattr(statement, "_all_selected_columns") else ()
        self.gives_rows = bool(columns)  # psycopg would make objects of its columns to tell
        outof = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._outof = [(at, process) for at, process in enumerate(outof) if process is not None]

    def parameters(self, given: dict[str, Any]) -> Any:
        """The parameters as the driver wants them."""
        whole = {**self._fixed, **given}
        for name, process in self._into.items():
            whole[name] = process(whole[name])
        return whole if self._order is None else [whole[name] for name in self._order]

    def read(self, rows: Any) -> Rows:
        """The rows as Python values."""
        if not self._outof:
            return list(rows)
        read = [list(row) for row in rows]
        for row in read:
            for at, process in self._outof:
                row[at] = process(row[at])
        return [tuple(row) for row in read]


def _wrapped(connection: Connection, text: str, fault: Exception) -> DBAPIError:
    """The fault as SQLAlchemy would have raised it; a connection that is gone is not used again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(fault, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]  # drivers' own types
    if lost:
        connection.invalidate(fault)
    return DBAPIError.instance(  # type: ignore[return-value]  # with these arguments it is one
        text, None, fault, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect
    )
