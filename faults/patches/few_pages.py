"""A disk that is full, where no small one can be mounted: while FAULTS_DIR/full exists, no SQLite database may grow."""

import os
from pathlib import Path

from sqlalchemy import Connection, Engine, event

PLENTY = 1_000_000


def install() -> None:
    """Tell each connection, each time it begins a transaction, how many pages there may be."""
    full = Path(os.environ["FAULTS_DIR"]) / "full"

    @event.listens_for(Engine, "begin", insert=True)
    def limit(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":  # fewer than there are already means exactly those
            connection.exec_driver_sql(f"PRAGMA max_page_count={1 if full.exists() else PLENTY}")
