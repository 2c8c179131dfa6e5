"""The live holds of a drop that end next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.inventory.holds import AT_THE_DESK, live
from app.inventory.models import Copy, Hold
from app.inventory.states import HoldState
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING
from app.reports import run_names
from app.reports.run_names import SomeCopies

SOON = 8  # holds listed


@dataclass(frozen=True)
class HoldRow:
    """A live hold; `paying` while a payment page is open for it, `closing` while Stripe is asked whether it was paid."""

    id: int
    expires_at: datetime
    copies: tuple[SomeCopies, ...]
    paying: bool
    closing: bool
    named: bool


def next_holds(session: Session, drop_id: int) -> tuple[HoldRow, ...]:
    """The holds that end next, with their copies."""
    wanted = select(Hold).where(Hold.drop_id == drop_id, live(), by_fans()).order_by(Hold.expires_at, Hold.id).limit(SOON)
    holds = session.scalars(wanted).all()
    ids = [hold.id for hold in holds]
    copies = copies_of(session, ids)
    pending = CheckoutAttempt.hold_id.in_(ids), CheckoutAttempt.state.in_(PENDING)
    paying = set(session.scalars(select(CheckoutAttempt.hold_id).where(*pending)))
    return tuple(
        HoldRow(
            hold.id,
            hold.expires_at,
            tuple(copies[hold.id]),
            hold.id in paying,
            hold.state is HoldState.CLOSING,
            bool(hold.email),
        )
        for hold in holds
    )


def by_fans() -> ColumnElement[bool]:
    """The condition that a hold is a fan's, not one that staff made for somebody."""
    return ~Hold.fan.startswith(AT_THE_DESK, autoescape=True)


def copies_of(session: Session, hold_ids: Sequence[int]) -> dict[int, list[SomeCopies]]:
    """What each hold contains, run by run."""
    mine = select(Copy.hold_id, Copy.run_id, Copy.number).where(Copy.hold_id.in_(hold_ids), Copy.number.is_not(None))
    held: dict[tuple[int, int], list[int]] = {}
    for hold_id, run_id, number in session.execute(mine.order_by(Copy.number)):
        held.setdefault((hold_id or 0, run_id), []).append(number or 0)
    runs = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_({run_id for _, run_id in held})))}
    called = run_names.names(session, runs)
    found: dict[int, list[SomeCopies]] = {id_: [] for id_ in hold_ids}
    for (hold_id, run_id), numbers in sorted(held.items()):
        found[hold_id].append(SomeCopies(called[run_id], tuple(numbers), runs[run_id].last_number))
    return found
