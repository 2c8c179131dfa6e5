"""Bring right what differs from Stripe's own record, each kind by an ordinary verb."""

from collections.abc import Callable

import structlog
from sqlalchemy import select

from app.checkout import aftermath, capture, sync
from app.checkout.differences import Difference, Kind
from app.checkout.rebuild import CannotRebuild, rebuild
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Refusal
from app.orders import placing
from app.payments.gateway import Gateway
from app.payments.models import Payment
from app.payments.states import IllegalMove

log = structlog.get_logger()


def heal(db: Database, gateway: Gateway, clock: Clock, difference: Difference) -> str | None:
    """Bring one right through the ordinary verbs; the reason when that is not possible."""
    log.warning("reconciling", kind=difference.kind, about=difference.about)
    try:
        HEALS[difference.kind](db, gateway, clock, difference)
    except (CannotRebuild, Refusal, IllegalMove) as reason:
        return str(reason)
    return None


def _settle(db: Database, gateway: Gateway, clock: Clock, difference: Difference) -> None:
    if difference.attempt_id is not None and difference.record is not None:
        sync.sync(db, gateway, clock, difference.attempt_id, difference.record.facts.session_id)
        _end_payment(db, gateway, clock, difference.attempt_id)


def _end_page(_db: Database, gateway: Gateway, _clock: Clock, difference: Difference) -> None:
    if difference.record is not None:
        gateway.expire_session(difference.record.facts.session_id)


def _follow_up(db: Database, gateway: Gateway, clock: Clock, difference: Difference) -> None:
    if difference.attempt_id is not None:
        aftermath.follow_up(db, gateway, clock, difference.attempt_id, "reconcile")


def _make_again(db: Database, gateway: Gateway, clock: Clock, difference: Difference) -> None:
    """The order again; where that cannot be, money that was only promised is let go."""
    if difference.record is None or difference.says is None:
        return
    try:
        with transaction(db) as session:
            attempt_id = rebuild(session, difference.record, difference.says, clock.now()).attempt_id
    except CannotRebuild:
        if difference.kind is not Kind.LOST_AUTHORISED:
            raise
        gateway.void(difference.about, f"void:{difference.about}:{int(clock.now().timestamp() * 1000)}")
        return
    if attempt_id is not None:
        _end_payment(db, gateway, clock, attempt_id)


def _end_payment(db: Database, gateway: Gateway, clock: Clock, attempt_id: int) -> None:
    """Take the money of an attempt, or let it go, as its payment says."""
    with reading(db) as session:
        payment = session.scalar(select(Payment).where(Payment.attempt_id == attempt_id))
    if payment is not None:
        capture.capture(db, gateway, clock, payment.id)
        capture.void(db, gateway, clock, payment.id)


def _move_counter(db: Database, _gateway: Gateway, clock: Clock, difference: Difference) -> None:
    if difference.label_id is not None:
        with transaction(db) as session:
            placing.move_counter(session, difference.label_id, difference.number)
            placing.note_lost(session, difference.label_id, clock.now())


HEALS: dict[Kind, Callable[[Database, Gateway, Clock, Difference], None]] = {
    Kind.UNSETTLED: _settle,
    Kind.STILL_OPEN: _end_page,
    Kind.LOST_OPEN: _end_page,
    Kind.MONEY_BACK: _follow_up,
    Kind.LOST_AUTHORISED: _make_again,
    Kind.LOST_TAKEN: _make_again,
    Kind.COUNTER_BEHIND: _move_counter,
}
EVERY_ONE = frozenset(HEALS)
