"""Where a hold is, as its fan sees it; pure."""

from datetime import datetime
from enum import StrEnum

from app.inventory import claims
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState


class Stage(StrEnum):
    """Where a hold is, as its fan sees it."""

    ACTIVE = "active"
    PREPARING = "preparing"  # Stripe's page is being made
    PAYING = "paying"
    CLOSING = "closing"  # the time is over, Stripe is being asked
    LAPSED = "lapsed"
    PUT_BACK = "put_back"
    NOT_CHARGED = "not_charged"
    SPENT = "spent"


PAYABLE = {Stage.ACTIVE, Stage.PREPARING, Stage.PAYING}


def stage_of(hold: Hold, attempt: CheckoutAttempt | None, now: datetime, *, put_back_by: str, let_go: str | None) -> Stage:
    """Where a hold is; its deadline ends the fan's right whether or not anybody has swept it up yet. Pure."""
    if hold.state is HoldState.SPENT:
        return Stage.SPENT
    if hold.state is HoldState.PUT_BACK:
        return Stage.NOT_CHARGED if let_go else Stage.PUT_BACK if put_back_by == claims.FAN else Stage.LAPSED
    if hold.state is HoldState.CLOSING or hold.expires_at <= now:
        return Stage.CLOSING if attempt else Stage.LAPSED
    if attempt is None:
        return Stage.ACTIVE
    return Stage.PAYING if attempt.state is AttemptState.OPEN and attempt.url else Stage.PREPARING
