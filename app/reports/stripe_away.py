"""What staff should know while Stripe does not answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.inventory.holds import live
from app.inventory.models import Hold
from app.payments import outages
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING


@dataclass(frozen=True)
class Away:
    """Stripe is away `since` then; `fans` went to pay and wait, or are on a payment page that may not answer."""

    since: datetime
    reason: str
    fans: int


def away(session: Session, label_ids: Sequence[int]) -> Away | None:
    """None while Stripe answers."""
    outage = outages.current(session)
    if outage is None:
        return None
    paying = (
        select(func.count(CheckoutAttempt.id)).join(Hold, Hold.id == CheckoutAttempt.hold_id).join(Drop, Drop.id == Hold.drop_id)
    )
    mine = paying.where(CheckoutAttempt.state.in_(PENDING), live(), Drop.label_id.in_(label_ids))
    return Away(outage.began_at, outage.reason, session.scalar(mine) or 0)
