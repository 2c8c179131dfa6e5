"""Every ready statement can be compiled for both databases: most tests watch the connection, and so go another way."""

import gc

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from app import tables, worker
from app.kernel import outbox
from app.kernel.ready import Ready, _Compiled
from app.shop import blueprint

EVERYTHING = (tables, worker, blueprint)  # what the whole shop is made of, so that all of it is there to be looked at


@pytest.mark.parametrize("dialect", [sqlite.dialect(paramstyle="qmark"), postgresql.dialect(paramstyle="pyformat")])
def test_a_ready_statement_is_compiled_for_each_database(dialect: Dialect) -> None:
    left = outbox.of_kinds(["mail.confirmed", "attempt.sync"])
    outbox._look(left)
    outbox._lease(("mail.confirmed",), left)
    gc.unfreeze()  # a worker that loaded the shop in this process has put what it had then out of the collector's sight
    found = [each for each in gc.get_objects() if isinstance(each, Ready)]
    assert len(found) > 30
    for each in found:
        of = type(each._statement).__module__  # an insert that knows conflicts belongs to one of them
        if "dialects" not in of or dialect.name in of:
            _Compiled(each._statement, dialect)
