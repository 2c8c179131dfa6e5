"""What is looked at: one table. Each check reads, and yields what needs a person now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.alerts.machine import backup_stale, disk_nearly_full
from app.alerts.money import money_asks
from app.alerts.promises import promise_over
from app.catalogue.models import Label
from app.invariants import INVARIANTS
from app.kernel import findings, heartbeat
from app.kernel.alerts import Found
from app.kernel.outbox import Job, JobState
from app.payments import unresolved
from app.reports import desk_needs
from app.settings import Settings

Find = Callable[[Session, Settings, datetime], Iterable[Found]]


@dataclass(frozen=True)
class Check:
    """A cause is the check's `id`, and after a slash what it is about where that may be several; `what` is for the manual."""

    id: str
    what: str
    find: Find


def _worker_silent(session: Session, _settings: Settings, now: datetime) -> Iterable[Found]:
    age = heartbeat.age(session, heartbeat.WORKER, now)
    if age is None:
        yield Found("worker.silent", "The worker has never run: no payment is taken and no mail goes out until it does.")
    elif age > heartbeat.SILENT:
        minutes = _counted(round(age / 60), "minute", "minutes")
        yield Found("worker.silent", f"The worker has been silent for {minutes}: no payment is taken and no mail goes out.")


def _jobs_dead(session: Session, _settings: Settings, _now: datetime) -> Iterable[Found]:
    dead = session.scalar(select(func.count(Job.id)).where(Job.state == JobState.DEAD)) or 0
    if dead:
        yield Found("jobs.dead", f"{_counted(dead, 'job was', 'jobs were')} given up.", path="/staff/outbox")


def _invariant_broken(session: Session, _settings: Settings, _now: datetime) -> Iterable[Found]:
    why = {each.id: each.why for each in INVARIANTS}
    for id_, offenders in findings.latest(session).items():
        if offenders and id_ in why:
            rows = _counted(offenders, "row breaks", "rows break")
            yield Found(f"invariant.broken/{id_}", f"{rows} {id_}: {why[id_]}. Pause the drops that are open.")


def _stripe_differs(session: Session, _settings: Settings, _now: datetime) -> Iterable[Found]:
    number = unresolved.count(session)
    if number:
        differ = _counted(number, "difference", "differences")
        yield Found("stripe.differs", f"{differ} between Stripe's own record and ours.", path="/staff/differences")


def _of_label(
    id_: str, what: str, count: Callable[[Session, list[int], datetime], int], words: tuple[str, str, str], path: str
) -> Check:
    """A check of something that the desk counts, at each label; `words` are for one, for many, and what is said of them."""
    one, many, rest = words

    def find(session: Session, _settings: Settings, now: datetime) -> Iterable[Found]:
        for label in session.scalars(select(Label).order_by(Label.id)):
            if number := count(session, [label.id], now):
                yield Found(f"{id_}/{label.id}", f"{label.name}: {_counted(number, one, many)} {rest}.", label.id, path)

    return Check(id_, f"{what}; each label is a cause", find)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


CHECKS: tuple[Check, ...] = (
    Check("worker.silent", "no sign of life from the worker for a minute, or ever", _worker_silent),
    Check("jobs.dead", "a job was given up after its last try", _jobs_dead),
    Check(
        "invariant.broken", "the worker's own look found rows that break an invariant; each invariant is a cause", _invariant_broken
    ),
    _of_label(
        "payments.stuck",
        "money was neither taken nor let go, or Stripe's answer about an attempt is unknown, for ten minutes",
        desk_needs.stuck_payments,
        ("payment has", "payments have", "been neither taken nor let go for ten minutes"),
        "/staff/orders?stage=unpaid",
    ),
    _of_label(
        "payments.lost",
        "an order lost its money before it was taken, in the last week",
        desk_needs.lost_payments,
        ("order", "orders", "lost the money before it was taken"),
        "/staff/orders?stage=cancelled",
    ),
    _of_label(
        "holds.overdue",
        "copies are still held though their hold should have ended",
        desk_needs.overdue_copies,
        ("copy is", "copies are", "held, though the hold should have ended: Stripe is silent, or the worker is"),
        "/staff/",
    ),
    Check("money.asks", "a dispute, a refund or copies without a decision need a person; each matter is a cause", money_asks),
    Check("promise.over", "a pre-order's time is over and it is not here; each run is a cause", promise_over),
    Check("stripe.differs", "Stripe's own record and ours differ, and nobody has settled it", _stripe_differs),
    Check("disk.nearly_full", "less than a tenth, and less than 5 GB, is left for database, media or backups", disk_nearly_full),
    Check("backup.stale", "`BACKUP_DIR` is set, and the last backup is older than `BACKUP_STALE_HOURS`", backup_stale),
)
