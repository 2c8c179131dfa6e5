"""How often something may happen, counted in the database so that every process counts together."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.errors import TooMany
from app.kernel.ready import Ready
from app.kernel.schema import Base, table
from app.kernel.upsert import insert, insert_for


class Throttle(Base):
    """How often `key` was hit in the window that ends at `until`."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    hits: Mapped[int]


def _hit(dialect: str) -> Ready:
    mine = table(Throttle).c
    over, until = mine.until <= bindparam("now"), bindparam("until", type_=mine.until.type)
    fresh = insert_for(dialect, Throttle).values(key=bindparam("key"), until=until, hits=1)
    again = {"hits": case((over, 1), else_=mine.hits + 1), "until": case((over, until), else_=mine.until)}
    return Ready(fresh.on_conflict_do_update(index_elements=[mine.key], set_=again).returning(mine.hits, mine.until))


_HIT = {dialect: _hit(dialect) for dialect in ("sqlite", "postgresql")}


def hit(session: Session, key: str, *, most: int, per: timedelta, now: datetime) -> int:
    """Count one hit; returns 0 while at most `most` came in this window, else the seconds until the next one begins."""
    [(hits, until)] = _HIT[session.get_bind().dialect.name].rows(session, key=key, until=now + per, now=now)
    return 0 if hits <= most else max(1, round((until - now).total_seconds()))


def room(session: Session, key: str, *, most: int, now: datetime) -> tuple[int, float]:
    """How many more hits are free in the window that runs, and the seconds until the next one begins."""
    window = session.get(Throttle, key, populate_existing=True)
    if window is None or window.until <= now:
        return most, 0.0
    return max(0, most - window.hits), (window.until - now).total_seconds()


def renew(session: Session, key: str, *, per: timedelta, now: datetime) -> None:
    """Begin its window anew, however long the one lasts that runs."""
    window = {"until": now + per, "hits": 1}
    fresh = insert(session, Throttle).values(key=key, **window)
    session.execute(fresh.on_conflict_do_update(index_elements=["key"], set_=window))


def running(session: Session, key: str, now: datetime) -> bool:
    """Was it hit in the window that runs?"""
    window = session.get(Throttle, key, populate_existing=True)
    return window is not None and window.until > now


def allow(session: Session, key: str, *, most: int, per: timedelta, now: datetime, what: str) -> None:
    """Count one hit or raise TooMany with the seconds to wait; `what` names the deed for the person."""
    wait = hit(session, key, most=most, per=per, now=now)
    if wait:
        raise TooMany(f"Too many {what} in a short time. Please wait {_said(wait)} and try again.", retry_after=wait)


def _said(seconds: int) -> str:
    """A wait as a person says it, never shorter than it is."""
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if seconds > 120 else "one second" if seconds == 1 else f"{seconds} seconds"


def sweep(session: Session, now: datetime) -> None:
    """Forget windows that are long over."""
    session.execute(delete(Throttle).where(Throttle.until < now - timedelta(hours=1)))
