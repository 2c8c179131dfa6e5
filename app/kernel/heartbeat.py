"""A sign of life from each background process, for /readyz, and when the last backup was made."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.schema import Base
from app.kernel.upsert import insert

WORKER, BACKUP = "worker", "backup"
SILENT = 60.0  # seconds without a sign of life after which the worker is taken for dead


class Heartbeat(Base):
    """When `name` was last alive."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def beat(session: Session, name: str, now: datetime) -> None:
    """Say that `name` is alive."""
    session.execute(
        insert(session, Heartbeat)
        .values(name=name, at=now)
        .on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": now})
    )


def age(session: Session, name: str, now: datetime) -> float | None:
    """Seconds since `name` was last alive; None when it never was."""
    row = session.get(Heartbeat, name)
    return None if row is None else (now - row.at).total_seconds()
