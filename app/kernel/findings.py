"""What the worker's last look at the invariants found, kept for the metrics and the desk."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.schema import Base
from app.kernel.upsert import insert


class Finding(Base):
    """How many offenders one invariant had when it was last checked."""

    __tablename__ = "findings"

    invariant: Mapped[str] = mapped_column(primary_key=True)
    offenders: Mapped[int]
    checked_at: Mapped[datetime]


def note(session: Session, found: Mapping[str, int], now: datetime) -> None:
    """Write down the number of offenders per invariant id."""
    for invariant, offenders in found.items():
        values = {"offenders": offenders, "checked_at": now}
        fresh = insert(session, Finding).values(invariant=invariant, **values)
        session.execute(fresh.on_conflict_do_update(index_elements=[Finding.invariant], set_=values))


def latest(session: Session) -> dict[str, int]:
    """The number of offenders per invariant id; empty before the first look."""
    return {row.invariant: row.offenders for row in session.scalars(select(Finding).order_by(Finding.invariant))}
