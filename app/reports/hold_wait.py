"""What a fan waits for on the way to the payment page: a place in line, or a Stripe that takes its time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import line
from app.checkout.freeze import PATIENCE
from app.inventory import freezing
from app.reports.hold_facts import HoldFacts
from app.reports.hold_stage import Stage

_SOON, _SELDOM = 2, 15  # seconds between two looks


@dataclass(frozen=True)
class Wait:
    """`place` in the line to the payment page, None for who is next or not in it; `away` while Stripe is not asked at all.

    `slow` says that Stripe is the reason for waiting, `still` that the hold's time stands still, `made_longer` how many minutes
    that has given so far, `look_in` when to look again, in seconds.
    """

    place: int | None
    away: bool
    slow: bool
    still: bool
    made_longer: int
    look_in: int


def wait_of(session: Session, facts: HoldFacts, stage: Stage, now: datetime) -> Wait:
    """How long, and for what, the fan of this hold has to wait."""
    attempt, away, given = facts.attempt, facts.away, facts.given
    ahead = line.ahead(session, attempt.id, now) if attempt and attempt.sent_at is None and stage is Stage.PREPARING else 0
    late = attempt is not None and stage is Stage.PREPARING and attempt.created_at < now - PATIENCE
    waits = late or (away and stage in {Stage.PREPARING, Stage.PAYING})
    return Wait(
        place=ahead + 1 if ahead else None,
        away=away,
        slow=away or (late and not ahead),
        still=waits and given < freezing.MOST * freezing.STEP,
        made_longer=given // freezing.STEP,
        look_in=min(max(_SOON, ahead // (2 * line.SESSIONS_PER_SECOND)), _SELDOM),
    )
