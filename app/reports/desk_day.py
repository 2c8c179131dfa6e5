"""Drop day on one screen: where the copies are, which holds end next, what went wrong with money, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.inventory import counts
from app.inventory.holds import live
from app.inventory.models import Copy, Hold
from app.inventory.states import CopyState
from app.kernel import heartbeat
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from app.payments import inbox
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState, PaymentState
from app.reports.day_asides import AsideRow, asides
from app.reports.day_curve import Curve, curve
from app.reports.day_holds import HoldRow, by_fans, next_holds
from app.reports.day_runs import RunDay, run_days, together
from app.reports.day_switches import Switches, switches
from app.reports.desk_home import DropRow, drop_row
from app.reports.stripe_away import Away, away


@dataclass(frozen=True)
class RunStrip:
    """One run of the drop; `words` is the run's own title, `day` where its copies are."""

    run_id: int
    slug: str
    catalogue_number: str
    artist: str
    title: str
    words: str
    copies: str
    first: int
    day: RunDay


@dataclass(frozen=True)
class DropDay:
    """The figures of all runs together are in `whole`.

    `late` counts payments that came after the hold had ended, `failed` payments and payment pages that failed, both with
    this drop; `outbox` and `dead` count jobs of the whole shop. `oldest` is when the oldest live hold began. `news` is how many
    seconds Stripe's last messages took to come, `worker` how long ago the worker was last alive; None where nobody knows.
    """

    drop: DropRow
    switches: Switches
    away: Away | None
    now: datetime
    whole: RunDay
    late: int
    failed: int
    outbox: int
    dead: int
    oldest: datetime | None
    holds: int
    news: float | None
    worker: float | None
    worker_is_silent: bool
    curve: Curve | None
    next_holds: tuple[HoldRow, ...]
    asides: tuple[AsideRow, ...]
    runs: tuple[RunStrip, ...]


def desk_day(session: Session, drop: Drop, now: datetime) -> DropDay:
    """The day of this drop at this moment; everything is counted from the rows."""
    run_ids = [entry.run_id for entry in drop.entries]
    stock = counts.stock(session, run_ids)
    days = run_days(session, drop)
    worker = heartbeat.age(session, heartbeat.WORKER, now)
    mine = and_(Hold.drop_id == drop.id, live(), by_fans())
    return DropDay(
        drop=drop_row(drop, now, stock, _shipped(session, run_ids)),
        switches=switches(drop, now),
        away=away(session, [drop.label_id]),
        now=now,
        whole=together(days.values()),
        late=_late(session, drop.id),
        failed=_failed(session, drop.id),
        outbox=_jobs(session, JobState.WAITING, now) + _jobs(session, JobState.LEASED, now),
        dead=_jobs(session, JobState.DEAD, now),
        oldest=session.scalar(select(func.min(Hold.created_at)).where(mine)),
        holds=session.scalar(select(func.count(Hold.id)).where(mine)) or 0,
        news=inbox.delay(session, now),
        worker=worker,
        worker_is_silent=worker is None or worker > heartbeat.SILENT,
        curve=curve(session, drop, now),
        next_holds=next_holds(session, drop.id),
        asides=asides(session, drop.id),
        runs=tuple(
            RunStrip(
                entry.run.id,
                entry.run.slug,
                entry.run.release.catalogue_number,
                entry.run.release.artist.name,
                entry.run.release.title,
                entry.run.title,
                stock[entry.run_id].copies,
                entry.run.first_number,
                days[entry.run_id],
            )
            for entry in drop.entries
        ),
    )


def _late(session: Session, drop_id: int) -> int:
    lucky = session.scalar(select(func.count(Order.id)).where(Order.drop_id == drop_id, Order.late.is_(True))) or 0
    let_go = session.scalar(_payments(drop_id).where(Payment.void_reason == "late")) or 0
    return lucky + let_go


def _failed(session: Session, drop_id: int) -> int:
    lost = session.scalar(_payments(drop_id).where(Payment.state == PaymentState.CAPTURE_FAILED)) or 0
    attempts = select(func.count(CheckoutAttempt.id)).join(Hold, Hold.id == CheckoutAttempt.hold_id)
    broken = CheckoutAttempt.state.in_((AttemptState.FAILED, AttemptState.UNKNOWN))
    return lost + (session.scalar(attempts.where(Hold.drop_id == drop_id, broken, CheckoutAttempt.sent_at.is_not(None))) or 0)


def _payments(drop_id: int) -> Select[int]:
    counted = select(func.count(Payment.id)).join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id)
    return counted.join(Hold, Hold.id == CheckoutAttempt.hold_id).where(Hold.drop_id == drop_id)


def _jobs(session: Session, state: JobState, now: datetime) -> int:
    """Jobs in a state that are due; what is meant for later does not wait."""
    return session.scalar(select(func.count(Job.id)).where(Job.state == state, Job.run_at <= now)) or 0


def _shipped(session: Session, run_ids: Sequence[int]) -> dict[int, int]:
    sent = select(Copy.run_id, func.count()).where(Copy.run_id.in_(run_ids), Copy.state == CopyState.SHIPPED)
    return dict(session.execute(sent.group_by(Copy.run_id)).all())
