"""Reconcile a period with Stripe's own record: print what differs, and bring right what can be brought right."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import healing
from app.checkout.compare import Records, compare
from app.checkout.differences import BY_ITSELF, Difference, Kind
from app.drops.models import Drop
from app.inventory.models import Hold
from app.kernel import heartbeat, outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.payments import unresolved
from app.payments.gateway import Gateway
from app.payments.models import CheckoutAttempt, Payment

BEFORE = timedelta(days=1)  # a session lives no longer, so that its money may come so much later
NIGHTLY, LOOK_BACK = timedelta(days=1), timedelta(days=3)
RECONCILE = "stripe.reconcile"
RECONCILED = "stripe.reconciled"  # when it was done last


@dataclass(frozen=True)
class Reconciled:
    """What was healed, and what is still different and needs a person."""

    healed: tuple[Difference, ...]
    left: tuple[Difference, ...]


def reconcile(
    db: Database,
    gateway: Gateway,
    clock: Clock,
    shop: str,
    since: datetime,
    until: datetime,
    *,
    heal: frozenset[Kind] = frozenset(),
) -> Reconciled:
    """Compare a period, heal the kinds that are named, and compare again. Raises StripeTrouble when Stripe cannot be asked."""
    found = _compare(db, gateway, clock, shop, since, until)
    tried = sorted((each for each in found if each.kind in heal), key=_turn)
    if not tried:
        return Reconciled((), tuple(found))
    reasons = {difference.about: healing.heal(db, gateway, clock, difference) for difference in tried}
    left = _compare(db, gateway, clock, shop, since, until)
    still = {(difference.kind, difference.about) for difference in left}
    healed = tuple(difference for difference in tried if (difference.kind, difference.about) not in still)
    return Reconciled(healed, tuple(_with_reason(difference, reasons.get(difference.about)) for difference in left))


def _turn(difference: Difference) -> tuple[int, int]:
    """First what makes no order, then orders that had a number, then the counter, and last those that get the next numbers."""
    if difference.kind is Kind.COUNTER_BEHIND:
        return 2, 0
    settles = difference.kind is Kind.UNSETTLED and difference.record is not None and difference.record.facts.authorised
    if not settles and difference.kind not in {Kind.LOST_AUTHORISED, Kind.LOST_TAKEN}:
        return 0, 0
    return (1, difference.number) if difference.number else (3, 0)


def due(session: Session, now: datetime) -> bool:
    """Have the last three days compared once a day, whichever worker comes first; not where Stripe was never asked."""
    age = heartbeat.age(session, RECONCILED, now)
    done = age is not None and age < NIGHTLY.total_seconds()
    if done or session.scalar(select(CheckoutAttempt.id).limit(1)) is None:
        return False
    return outbox.enqueue(session, RECONCILE, "all", {}, now=now, priority=7, if_idle=True)


def nightly(db: Database, gateway: Gateway, clock: Clock, shop: str) -> None:
    """Compare the last three days, heal what needs no decision, and list the rest for a person."""
    now = clock.now()
    done = reconcile(db, gateway, clock, shop, now - LOOK_BACK, now, heal=BY_ITSELF)
    keep(db, done, now - LOOK_BACK, now, clock.now())


def keep(db: Database, done: Reconciled, since: datetime, until: datetime, now: datetime) -> None:
    """List what is left of a comparison for a person, at the desk."""
    with transaction(db) as session:
        unresolved.note(session, [_row(session, difference) for difference in done.left], since, until, now)
        heartbeat.beat(session, RECONCILED, now)


def _row(session: Session, difference: Difference) -> dict[str, Any]:
    amount = difference.amount
    return {
        "kind": difference.kind.value,
        "about": difference.about,
        "what": difference.what,
        "todo": difference.todo,
        "reference": difference.reference,
        "label_id": difference.label_id or _label_id(session, difference),
        "amount": amount.amount if amount else None,
        "currency": amount.currency if amount else "",
        "made_at": difference.made_at,
    }


def _label_id(session: Session, difference: Difference) -> int | None:
    """Whose business it is: by the attempt, by our payment, or by the drop that is written on Stripe's object."""
    drop = select(Drop.label_id)
    if difference.says is not None:
        return session.scalar(drop.where(Drop.slug == difference.says.drop))
    tried = drop.join(Hold, Hold.drop_id == Drop.id).join(CheckoutAttempt, CheckoutAttempt.hold_id == Hold.id)
    if difference.attempt_id is not None:
        return session.scalar(tried.where(CheckoutAttempt.id == difference.attempt_id))
    return session.scalar(
        tried.join(Payment, Payment.attempt_id == CheckoutAttempt.id).where(Payment.intent_id == difference.about)
    )


def _with_reason(difference: Difference, reason: str | None) -> Difference:
    return replace(difference, what=f"{difference.what} It could not be healed: {reason}.") if reason else difference


def _compare(db: Database, gateway: Gateway, clock: Clock, shop: str, since: datetime, until: datetime) -> list[Difference]:
    records = Records(
        since,
        until,
        gateway.sessions(shop, since - BEFORE, until),
        gateway.intents(shop, since - BEFORE, until),
        gateway.refunds(shop, since=since),
        gateway.disputes(since=since),
    )
    with reading(db) as session:
        return compare(session, records, clock.now())
