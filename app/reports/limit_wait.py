"""A higher limit of refunds that waits for its second person, as the label's page shows it to one person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.second import WAIT
from app.catalogue import limit_changes
from app.catalogue.models import Label
from app.kernel.money import Money
from app.reports.deeds import staff_names


@dataclass(frozen=True)
class LimitWait:
    """`after` is None for no limit; `mine` when who looks asked for it, `alone` when they may confirm it, `from_` then."""

    id: int
    label_id: int
    zone: str
    before: Money
    after: Money | None
    asked_by: str
    asked_at: datetime
    mine: bool
    alone: bool
    too_early: bool
    from_: datetime


def limit_wait(session: Session, label_id: int, staff_id: int, now: datetime) -> LimitWait | None:
    """What waits, if anything does."""
    change = limit_changes.waiting(session, label_id)
    if change is None:
        return None
    label = session.get_one(Label, label_id)
    return LimitWait(
        id=change.id,
        label_id=label_id,
        zone=label.time_zone,
        before=Money(change.before, label.currency),
        after=None if change.wanted is None else Money(change.wanted, label.currency),
        asked_by=staff_names(session, [change.asked_by])[change.asked_by],
        asked_at=change.created_at,
        mine=change.asked_by == staff_id,
        alone=limit_changes.may_alone(session, change, staff_id),
        too_early=now < change.created_at + WAIT,
        from_=change.created_at + WAIT,
    )
