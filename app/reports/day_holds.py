"""The live holds of a drop that end next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory.holds import live
from app.inventory.models import Copy, Hold
from app.inventory.states import HoldState
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING

SOON = 8  # holds listed


@dataclass(frozen=True)
class HoldRow:
    """A live hold; `paying` while a payment page is open for it, `closing` while Stripe is asked whether it was paid."""

    id: int
    expires_at: datetime
    numbers: tuple[int, ...]
    paying: bool
    closing: bool
    named: bool


def next_holds(session: Session, drop_id: int) -> tuple[HoldRow, ...]:
    """The holds that end next, with their numbers."""
    wanted = select(Hold).where(Hold.drop_id == drop_id, live()).order_by(Hold.expires_at, Hold.id).limit(SOON)
    holds = session.scalars(wanted).all()
    ids = [hold.id for hold in holds]
    numbers: dict[int, list[int]] = {id_: [] for id_ in ids}
    held = select(Copy.hold_id, Copy.number).where(Copy.hold_id.in_(ids)).order_by(Copy.run_id, Copy.number)
    for hold_id, number in session.execute(held):
        if hold_id is not None and number is not None:
            numbers[hold_id].append(number)
    pending = CheckoutAttempt.hold_id.in_(ids), CheckoutAttempt.state.in_(PENDING)
    paying = set(session.scalars(select(CheckoutAttempt.hold_id).where(*pending)))
    return tuple(
        HoldRow(
            hold.id,
            hold.expires_at,
            tuple(numbers[hold.id]),
            hold.id in paying,
            hold.state is HoldState.CLOSING,
            bool(hold.email),
        )
        for hold in holds
    )
