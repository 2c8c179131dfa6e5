"""When Stripe does not answer: counted and remembered in the database, so that every process knows and nobody asks in vain."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.kernel import throttle
from app.kernel.ready import Ready
from app.kernel.schema import table
from app.kernel.upsert import insert
from app.payments.models import StripeOutage

FAILURES = 5  # of all processes together …
WITHIN = timedelta(seconds=10)  # … in this time are an outage
PROBE_EVERY = timedelta(seconds=5)


_OUTAGES = table(StripeOutage).c
_RUNNING = select(_OUTAGES.id).where(_OUTAGES.ended_at.is_(None))
_AWAY = Ready(_RUNNING)


def current(session: Session) -> StripeOutage | None:
    """The outage that runs now."""
    return session.scalar(select(StripeOutage).where(StripeOutage.ended_at.is_(None))) if away(session) else None


def away(session: Session) -> bool:
    """Does one run? Asked before every call, so without a mapped object."""
    return bool(_AWAY.rows(session))


def running() -> ColumnElement[bool]:
    """The condition that one runs."""
    return _RUNNING.exists()


def recent(session: Session, *, limit: int = 10) -> list[StripeOutage]:
    """The last outages, newest first."""
    return list(session.scalars(select(StripeOutage).order_by(StripeOutage.id.desc()).limit(limit)))


def count_failure(session: Session, why: str, now: datetime) -> bool:
    """Count a call that failed; True when it is the one that begins an outage."""
    if not throttle.hit(session, "stripe.failures", most=FAILURES - 1, per=WITHIN, now=now):
        return False
    begun = insert(session, StripeOutage).values(stripe_account="", began_at=now, probed_at=now, reason=why[:500])
    return session.execute(begun.on_conflict_do_nothing().returning(StripeOutage.id)).scalar() is not None


def claim_probe(session: Session, outage_id: int, now: datetime) -> bool:
    """May this caller try whether Stripe is back? One of all may, every few seconds."""
    mine = update(StripeOutage).where(
        StripeOutage.id == outage_id, StripeOutage.ended_at.is_(None), StripeOutage.probed_at <= now - PROBE_EVERY
    )
    return session.execute(mine.values(probed_at=now).returning(StripeOutage.id)).scalar() is not None


def end(session: Session, outage_id: int, now: datetime) -> bool:
    """Stripe answers again; True for the one who was first to see it."""
    running = update(StripeOutage).where(StripeOutage.id == outage_id, StripeOutage.ended_at.is_(None))
    return session.execute(running.values(ended_at=now).returning(StripeOutage.id)).scalar() is not None
