"""Lets a hold's time stand still while its fan waits for a payment page, or Stripe is away: that fault is not theirs."""

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select, true
from sqlalchemy.orm import Session

from app.inventory import freezing
from app.inventory.models import Hold, HoldFreeze
from app.inventory.states import HoldState
from app.payments import outages
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING

PATIENCE = timedelta(seconds=5)  # so long a payment page takes on a good day


def due(session: Session, now: datetime) -> bool:
    """Is there a hold whose time should stand still? A look without locks."""
    return session.scalar(_waiting(session, now).with_only_columns(Hold.id).limit(1)) is not None


def freeze(session: Session, now: datetime, *, limit: int = 200) -> int:
    """Make good the next minute to all who wait, oldest hold first; to how many."""
    mine = _waiting(session, now).order_by(Hold.id).limit(limit).with_for_update(of=Hold, skip_locked=True)
    waiting = session.scalars(mine, execution_options={"populate_existing": True}).all()
    for hold in waiting:
        freezing.stand_still(session, hold, now)
    return len(waiting)


def freeze_one(session: Session, hold: Hold, now: datetime) -> bool:
    """Make good the next minute to this hold, which is locked, if its fan waits; True when it got one."""
    if session.scalar(_waiting(session, now).with_only_columns(Hold.id).where(Hold.id == hold.id)) is None:
        return False
    freezing.stand_still(session, hold, now)
    return True


def _waiting(session: Session, now: datetime) -> Select[Hold]:
    """Holds that asked to pay and wait: for the page for longer than it takes, or, while Stripe is away, on either side of it."""
    no_page = and_(CheckoutAttempt.session_id.is_(None), CheckoutAttempt.created_at < now - PATIENCE)
    made_good = HoldFreeze.hold_id.is_(None), and_(HoldFreeze.minutes < freezing.MOST, HoldFreeze.until <= now)
    asked = select(Hold).join(CheckoutAttempt, CheckoutAttempt.hold_id == Hold.id).outerjoin(HoldFreeze)
    return asked.where(
        Hold.state == HoldState.ACTIVE,
        CheckoutAttempt.state.in_(PENDING),
        or_(*made_good),
        true() if outages.away(session) else no_page,
    )
