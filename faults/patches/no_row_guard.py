"""Control: copies are claimed by looking first and taking then, and nobody locks anything."""

from contextlib import nullcontext

from sqlalchemy import Connection, Engine, event

from app.inventory import claims
from app.kernel import db
from tests.races.rivals import look_then_take, without_for_update


def install() -> None:
    """Take every guard off the rows of both databases."""
    claims._claim = look_then_take
    db._begin_sqlite = _begin_nothing
    vars(db)["FairLock"] = nullcontext  # nobody queues either
    event.listen(Engine, "before_cursor_execute", without_for_update, retval=True)


def _begin_nothing(connection: Connection) -> None:
    """On SQLite each statement is for itself."""
    del connection
