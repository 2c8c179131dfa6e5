"""Control: copies are claimed by looking first and taking then, and nobody locks anything."""

from functools import partial

from sqlalchemy import Connection, Engine, event

from app.inventory import claims, opening
from app.kernel import db
from app.kernel.turns import Freely
from tests.races.rivals import look_then_take, without_for_update


def install() -> None:
    """Take every guard off the rows of both databases."""
    claims._claim = partial(look_then_take, pause=0.05)  # as on a busy machine: on SQLite all requests share one process
    vars(opening)["at_once"] = lambda *_: None
    db._begin_sqlite = _begin_nothing
    vars(db)["Turns"] = Freely  # nobody queues either
    event.listen(Engine, "before_cursor_execute", without_for_update, retval=True)


def _begin_nothing(connection: Connection) -> None:
    """On SQLite each statement is for itself."""
    del connection
