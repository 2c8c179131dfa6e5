"""What needs a person, counted from the rows: nothing here is expected to be above nought for long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CompoundSelect, Select, func, select, union
from sqlalchemy.orm import Session

from app.checkout.lapse import CLOCK_SKEW
from app.drops.models import Drop
from app.inventory.holds import live
from app.inventory.models import Copy, Hold
from app.kernel import alerts, heartbeat
from app.kernel.schema import is_one_of
from app.payments import unresolved
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState, PaymentState
from app.reports import outbox_page
from app.reports.differences_page import of_labels
from app.reports.money_tasks import Kind, Task, tasks
from app.reports.order_list import Wish, stage_counts
from app.reports.order_stage import Stage

STUCK = timedelta(minutes=10)  # after which money that is neither taken nor let go needs a look
LATELY = timedelta(days=7)
MACHINE = {"invariant.broken", "disk.nearly_full", "backup.stale"}  # the alerts that are shown as such


@dataclass(frozen=True)
class Needs:
    """What money asks of a person, and counts of the rest.


    `worker_silent` is the seconds since its last sign of life, -1 when it never ran, None when all is well.
    `machine` are sentences about what is not counted here.
    """

    tasks: tuple[Task, ...]
    dead_jobs: int
    stuck_payments: int
    lost_payments: int
    overdue_copies: int
    differences: int
    worker_silent: float | None
    to_pack: int
    to_ship: int
    unpaid: int
    machine: tuple[str, ...]

    @property
    def trouble(self) -> dict[str, int]:
        """What needs a person at a label, counted; packing is work, not trouble."""
        counted = ("dead_jobs", "stuck_payments", "lost_payments", "overdue_copies", "differences")
        return {"tasks": len(self.tasks), **{name: getattr(self, name) for name in counted}}

    @property
    def a_person(self) -> bool:
        """Does anything need a person now?"""
        return any(self.trouble.values()) or self.worker_silent is not None or bool(self.machine)


def needs(session: Session, label_ids: Sequence[int], now: datetime, managing: Sequence[int]) -> Needs:
    """What needs a person at these labels; a second person is asked for only where one manages."""
    stages = stage_counts(session, Wish(tuple(label_ids)))
    return Needs(
        tasks=tuple(each for each in tasks(session, label_ids, now) if each.kind is not Kind.CONFIRM or each.label_id in managing),
        dead_jobs=len(outbox_page.dead(session, label_ids)),
        stuck_payments=stuck_payments(session, label_ids, now),
        lost_payments=lost_payments(session, label_ids, now),
        overdue_copies=overdue_copies(session, label_ids, now),
        differences=unresolved.count(session, of_labels(session, label_ids)),
        worker_silent=_silent(session, now),
        to_pack=stages[Stage.TO_PACK],
        to_ship=stages[Stage.PACKED],
        unpaid=stages[Stage.UNPAID],
        machine=tuple(alert.what for alert in alerts.are_open(session) if alert.cause.partition("/")[0] in MACHINE),
    )


def stuck_payments(session: Session, label_ids: Sequence[int], now: datetime) -> int:
    """Payments neither taken nor let go for ten minutes, and attempts of which Stripe's answer is unknown as long."""
    untaken = select(Payment.attempt_id).where(Payment.state == PaymentState.AUTHORISED, Payment.authorised_at < now - STUCK)
    state = CheckoutAttempt.state
    pending = is_one_of(state, AttemptState.WANTED, AttemptState.OPEN, AttemptState.UNKNOWN)  # there is an index of just these
    unknown = select(CheckoutAttempt.id).where(pending, state == AttemptState.UNKNOWN, CheckoutAttempt.sent_at < now - STUCK)
    return session.scalar(_attempts(label_ids, union(untaken, unknown))) or 0


def lost_payments(session: Session, label_ids: Sequence[int], now: datetime) -> int:
    """Orders of the last week whose authorised money was gone before it was captured."""
    lost = select(Payment.attempt_id).where(Payment.state == PaymentState.CAPTURE_FAILED, Payment.ended_at > now - LATELY)
    return session.scalar(_attempts(label_ids, lost)) or 0


def _attempts(label_ids: Sequence[int], ids: Select[int] | CompoundSelect[int]) -> Select[int]:
    """How many of these attempts are of these labels; the few are found first, and not all that there ever were joined."""
    counted = select(func.count(CheckoutAttempt.id)).where(CheckoutAttempt.id.in_(ids))
    mine = counted.join(Hold, Hold.id == CheckoutAttempt.hold_id).join(Drop, Drop.id == Hold.drop_id)
    return mine.where(Drop.label_id.in_(label_ids))


def overdue_copies(session: Session, label_ids: Sequence[int], now: datetime) -> int:
    """Copies in holds that should have ended a while ago: Stripe is silent, or the worker is."""
    held = select(func.count(Copy.id)).join(Hold, Hold.id == Copy.hold_id).join(Drop, Drop.id == Hold.drop_id)
    return session.scalar(held.where(Drop.label_id.in_(label_ids), live(), Hold.expires_at < now - CLOCK_SKEW)) or 0


def _silent(session: Session, now: datetime) -> float | None:
    age = heartbeat.age(session, heartbeat.WORKER, now)
    if age is None:
        return -1.0
    return age if age > heartbeat.SILENT else None
