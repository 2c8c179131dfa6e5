"""The line to the payment page: who asked first goes first, twenty a second, all processes together."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel import throttle
from app.kernel.ready import Ready
from app.kernel.schema import is_one_of, table
from app.payments.gateway import StripeBusy
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState

SESSIONS_PER_SECOND = 20  # Stripe's own limit for this call is 25
_SECOND = timedelta(seconds=1)
_KEY = "stripe.sessions"


def length(session: Session, now: datetime) -> int:
    """How many wait for their payment page to be asked for."""
    session.flush()
    return int(_LENGTH.rows(session, now=now)[0][0])


def ahead(session: Session, attempt_id: int, now: datetime) -> int:
    """How many of them asked before this attempt, as far as it is written: what is still to be sent is not among them."""
    return int(_AHEAD.rows(session, now=now, attempt=attempt_id)[0][0])


def step_up(session: Session, attempt_id: int, now: datetime) -> None:
    """Take a place in this second. StripeBusy when it is full, or those ahead will fill it; says when to come again."""
    others = ahead(session, attempt_id, now)
    free, fresh_in = throttle.room(session, _KEY, most=SESSIONS_PER_SECOND, now=now)
    if others >= free:
        raise StripeBusy(f"{others} asked before", seconds=fresh_in + others // SESSIONS_PER_SECOND)
    ask_once(session, now)


def ask_once(session: Session, now: datetime) -> None:
    """Count one more asking of what was asked before. StripeBusy when this second is full."""
    if throttle.hit(session, _KEY, most=SESSIONS_PER_SECOND, per=_SECOND, now=now):
        raise StripeBusy(f"{SESSIONS_PER_SECOND} sessions were asked for in this second already", seconds=1.0)


def go_at_once(session: Session, attempt_id: int, now: datetime) -> bool:
    """Take a place in this second if nobody is in line: then the fan need not wait for the worker."""
    if ahead(session, attempt_id, now):
        return False
    return not throttle.hit(session, _KEY, most=SESSIONS_PER_SECOND, per=_SECOND, now=now)


_ATTEMPTS, _HOLDS = table(CheckoutAttempt), table(Hold)
_IN_LINE = (
    select(func.count(_ATTEMPTS.c.id))
    .join_from(_ATTEMPTS, _HOLDS, _HOLDS.c.id == _ATTEMPTS.c.hold_id)
    .where(is_one_of(_ATTEMPTS.c.state, AttemptState.WANTED), _ATTEMPTS.c.sent_at.is_(None))
    .where(_HOLDS.c.state == HoldState.ACTIVE, _HOLDS.c.expires_at > bindparam("now"))
)
_LENGTH = Ready(_IN_LINE)
_AHEAD = Ready(_IN_LINE.where(_ATTEMPTS.c.id < bindparam("attempt")))
