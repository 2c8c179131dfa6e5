"""What a worker does by the clock: one table."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts import chain, sessions
from app.checkout import breaker, fees, freeze, lapse, lookout, reconcile, sync
from app.checkout.house import House
from app.drops import reminders
from app.invariants.watch import look
from app.kernel import findings, heartbeat, outbox, throttle
from app.kernel.db import Database, gather_statistics, reading, transaction
from app.orders import vat_missing
from app.privacy import data_links
from app.worker import erasing, preorders, shortfalls
from app.worker.alerting import look as look_for_alerts
from app.worker.erasures_kept import keep_record

Deed = Callable[[House, datetime], object]


def _lapse_due(session: Session, now: datetime) -> None:
    for hold_id in lapse.overdue(session, now):
        outbox.enqueue(session, lapse.LAPSE, str(hold_id), {"hold": hold_id}, now=now, priority=3, if_idle=True)


def _short(deed: Callable[[Session, datetime], object]) -> Deed:
    """A deed in a short transaction of its own."""

    def do(house: House, now: datetime) -> None:
        with transaction(house.db) as session:
            deed(session, now)

    return do


def _freeze(house: House, now: datetime) -> None:
    """Most of the time nobody waits, so it is looked at first without the write lock."""
    with reading(house.db) as session:
        due = freeze.due(session, now)
    if due:
        with transaction(house.db) as session:
            freeze.freeze(session, now)


def _seal(house: House, now: datetime) -> None:
    """Looked at first without the write lock, as most of the time nobody did anything."""
    del now
    with reading(house.db) as session:
        due = chain.due(session)
    if due:
        with transaction(house.db) as session:
            chain.seal(session)


def _note_untaxed(house: House, now: datetime) -> None:
    """Looked at first without the write lock: only during an upgrade there is any."""
    del now
    with reading(house.db) as session:
        due = vat_missing.missing(session)
    if due:
        with transaction(house.db) as session:
            vat_missing.note(session)


def watch(window: timedelta | None) -> Callable[[Database, datetime], None]:
    """A look at the invariants outside any write lock; what it finds is noted for the metrics."""

    def do(db: Database, now: datetime) -> None:
        with reading(db) as session:
            found = look(session, now, window)
        with transaction(db) as session:
            findings.note(session, found, now)

    return do


def _watch(window: timedelta | None) -> Deed:
    return lambda house, now: watch(window)(house.db, now)


# What is done by the clock: how often, and what.
SCHEDULE: tuple[tuple[timedelta, str, Deed], ...] = (
    (timedelta(seconds=2), "let the time stand still for who waits for Stripe", _freeze),
    (timedelta(seconds=2), "lapse holds whose time is over", _short(_lapse_due)),
    (timedelta(seconds=5), "say that the worker is alive", _short(lambda session, now: heartbeat.beat(session, "worker", now))),
    (timedelta(seconds=5), "ask whether Stripe is back, while it is away", _short(breaker.probe_while_away)),
    (timedelta(seconds=10), "seal what is new in the audit log", _seal),
    (timedelta(seconds=15), "note as not taxed what older code sold during an upgrade", _note_untaxed),
    (timedelta(seconds=15), "ask about what should have been heard", _short(sync.poll)),
    (timedelta(seconds=20), "remind fans before a drop opens", _short(reminders.due)),
    (timedelta(minutes=1), "remind fans whose copies did not come, and go on without an answer", shortfalls.look),
    (timedelta(minutes=1), "look for refunds and disputes that were begun elsewhere", _short(lookout.due)),
    (timedelta(minutes=1), "lock the parcels of pre-orders whose day is over", preorders.lock_due),
    (timedelta(minutes=1), "ask what Stripe kept of payments where that is not known", _short(fees.due)),
    (timedelta(minutes=1), "look for what needs a person, and tell", look_for_alerts),
    (timedelta(minutes=5), "check what must always be true, for the last two hours", _watch(timedelta(hours=2))),
    (timedelta(minutes=10), "compare the last three days with Stripe, once a day", _short(reconcile.due)),
    (timedelta(minutes=1), "erase fans who asked for it", lambda house, now: erasing.work(house.db, now)),
    (timedelta(minutes=1), "bring the record of erasures to the backups", keep_record),
    (timedelta(minutes=1), "erase what a label keeps no longer", lambda house, now: erasing.keep_to_rules(house.db, now)),
    (timedelta(hours=1), "erase what late money brought back", lambda house, now: erasing.empty_strays(house.db, now)),
    (
        timedelta(minutes=10),
        "go on with erasures of who came back with an order made again",
        lambda house, now: erasing.go_on_with_rebuilt(house.db, house.tokens, now),
    ),
    (timedelta(hours=1), "forget links to a fan's data that have ended", _short(data_links.sweep)),
    (timedelta(hours=1), "forget sign-ins that were over long ago", _short(sessions.sweep)),
    (timedelta(hours=1), "forget old throttles", _short(throttle.sweep)),
    (timedelta(hours=1), "let the database see how its tables have grown", lambda house, _: gather_statistics(house.db)),
    (timedelta(days=1), "check what must always be true, for all time", _watch(None)),
)
