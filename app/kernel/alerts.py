"""What a person was told that needs them, once per cause, until it is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.schema import Base, Key
from app.kernel.upsert import insert

CALM = timedelta(minutes=10)  # a cause must be away for so long before it is over, so that what comes and goes is told once
_OPEN = text("closed_at IS NULL")


@dataclass(frozen=True)
class Found:
    """Something that needs a person now. `label_id` is empty when it is about the whole machine; `path` leads to it at the desk."""

    cause: str
    what: str
    label_id: int | None = None
    path: str = "/staff/"


class Alert(Base):
    """A cause from when it was first seen until it had been away for a while; `told_at` is when the first message was accepted."""

    __tablename__ = "alerts"

    id: Mapped[Key]
    cause: Mapped[str]
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    what: Mapped[str]
    path: Mapped[str]
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (Index("uq_alerts_open_cause", "cause", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),)


def are_open(session: Session) -> Sequence[Alert]:
    """The alerts that are not over, oldest first."""
    return session.scalars(select(Alert).where(Alert.closed_at.is_(None)).order_by(Alert.id)).all()


def note(session: Session, found: Iterable[Found], now: datetime) -> tuple[list[Alert], list[Alert]]:
    """Write down what is found now; the alerts that this opened and those that it closed, each given to one caller only."""
    opened = [alert for each in found if (alert := _seen(session, each, now))]
    calm = update(Alert).where(Alert.closed_at.is_(None), Alert.seen_at <= now - CALM).values(closed_at=now).returning(Alert.id)
    closed = sorted(session.scalars(calm).all())
    return opened, [session.get_one(Alert, id_) for id_ in closed]


def told(session: Session, alert_id: int, now: datetime) -> None:
    """Write down that somebody was told."""
    session.execute(update(Alert).where(Alert.id == alert_id, Alert.told_at.is_(None)).values(told_at=now))


def _seen(session: Session, each: Found, now: datetime) -> Alert | None:
    """The alert, if this opened it."""
    values = {"cause": each.cause, "label_id": each.label_id, "what": each.what, "path": each.path}
    fresh = insert(session, Alert).values(**values, opened_at=now, seen_at=now).on_conflict_do_nothing().returning(Alert.id)
    id_ = session.scalar(fresh)
    if id_ is None:
        still = update(Alert).where(Alert.closed_at.is_(None), Alert.cause == each.cause)
        session.execute(still.values(seen_at=now, what=each.what))
        return None
    return session.get_one(Alert, id_)
