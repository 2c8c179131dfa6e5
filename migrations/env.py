"""Runs the migrations on the connection it is given, or on DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection

from app.kernel.db import connect
from app.tables import metadata


def run(connection: Connection) -> None:
    """Each migration in a transaction of its own; SQLite alters tables by copying them."""
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, transaction_per_migration=True
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
