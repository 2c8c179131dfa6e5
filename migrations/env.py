"""Runs the migrations on the connection it is given, or on DATABASE_URL."""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from app.kernel.db import connect
from app.kernel.schema import UtcInstant
from app.tables import metadata


def _plainly(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """A migration names no type of ours: it must mean the same when the code has moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UtcInstant) else False


def run(connection: Connection) -> None:
    """Each migration in a transaction of its own; SQLite alters tables by copying them."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=_plainly,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with connect(os.environ["DATABASE_URL"]).engine.connect() as opened:
        run(opened)
        opened.commit()
