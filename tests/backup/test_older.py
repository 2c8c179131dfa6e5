"""A backup of an older shape is brought to the newest one."""

from collections.abc import Callable

from alembic import command

from app.backup import Restored
from app.kernel import shape
from app.kernel.db import Database
from tests.backup.conftest import Kept, everything

PutBack = Callable[..., Restored]


def test_an_older_backup_is_brought_to_the_newest_shape(kept: Kept, target: Database, put_back: PutBack) -> None:
    orders = everything(kept.db)["orders"]
    with kept.db.engine.connect() as connection:
        command.downgrade(shape.config(connection), "0003")
        connection.commit()
    try:
        made = kept.take()
    finally:
        with kept.db.engine.connect() as connection:
            command.upgrade(shape.config(connection), "head")
            connection.commit()
    assert (made.manifest.revision, "alerts" in made.manifest.tables) == ("0003", False)
    put_back(target, made.path)
    with target.engine.connect() as connection:
        assert shape.current(connection) == shape.newest()
    assert everything(target)["orders"] == orders
    assert everything(target)["alerts"] == []
