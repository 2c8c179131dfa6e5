"""What waits to happen outside and what was given up, as far as it is the business of some labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.outbox import Job, JobState, needs_a_person
from app.payments import outages
from app.payments.models import StripeOutage
from app.reports.outbox_owners import NOBODY, Owner, of_jobs

MOST = 500  # rows looked at
KINDS = {
    "mail.confirmed": "Confirmation to the fan",
    "mail.shipped": "Mail about a parcel",
    "mail.not_charged": "Mail that nothing was charged",
    "mail.refunded": "Mail that money came back",
    "mail.cancelled": "Mail that an order was cancelled",
    "mail.short": "Mail about a copy that did not come",
    "shortfall.refund": "Refund for a copy that did not come",
    "mail.making": "Mail about a pre-order",
    "mail.still_there": "Mail that asks about an address",
    "making.tell": "Tell the fans of a pre-order",
    "making.tell_late": "Tell who paid for a pre-order after the others heard",
    "making.ask": "Ask the fans of a pre-order about their addresses",
    "mail.link": "Mail with lost links",
    "mail.confirm_address": "Mail to confirm a reminder's address",
    "mail.reminder": "Reminder before a drop",
    "payment.capture": "Take an authorised payment",
    "payment.void": "Let an authorised payment go",
    "refund.send": "Give money back",
    "postage.give_back": "Give back postage of orders that leave together",
    "payment.follow_up": "Ask Stripe about refunds and disputes",
    "money.look": "Look for refunds and disputes begun at Stripe",
    "hold.lapse": "End a hold whose time is over",
    "attempt.send": "Make a payment page at Stripe",
    "attempt.sync": "Ask Stripe about a payment page",
    "mail.invited": "Invitation to the desk",
    "mail.new_address": "Link to somebody’s new address",
    "mail.address_changed": "Mail that somebody’s address changed",
    "mail.sign_in_changed": "Mail that somebody’s sign-in changed",
    "alert.mail": "Mail that something needs a person",
    "alert.webhook": "Webhook that something needs a person",
    "stripe.probe": "Try whether Stripe is back",
    "stripe.fees": "Ask what Stripe kept of payments",
    "stripe.reconcile": "Compare the last three days with Stripe",
}


@dataclass(frozen=True)
class JobRow:
    """One job; `order_id` where it is about an order, `label_id` empty where it is about no label in particular."""

    id: int
    kind: str
    about: str
    order_id: int | None
    label_id: int | None
    zone: str
    state: JobState
    attempts: int
    error: str
    created_at: datetime
    run_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class OutboxPage:
    """Dead ones first in importance, then those that wait, soonest first; and the last times when Stripe was away."""

    dead: tuple[JobRow, ...]
    waiting: tuple[JobRow, ...]
    outages: tuple[StripeOutage, ...]
    zone: str


def outbox_page(session: Session, label_ids: Sequence[int]) -> OutboxPage:
    """The unfinished jobs of these labels; those of no label are seen by who may see every label."""
    zone = session.scalar(select(Label.time_zone).where(Label.id.in_(label_ids)).order_by(Label.id).limit(1)) or "UTC"
    waiting = _rows(session, label_ids, and_(Job.state.in_((JobState.WAITING, JobState.LEASED)), not_(needs_a_person())))
    return OutboxPage(tuple(dead(session, label_ids)), tuple(waiting), tuple(outages.recent(session)), zone)


def dead(session: Session, label_ids: Sequence[int]) -> list[JobRow]:
    """The jobs that were given up, and those that move money and are out of tries: these go on, slowly."""
    return _rows(session, label_ids, needs_a_person())


def job_row(session: Session, label_ids: Sequence[int], job_id: int) -> JobRow | None:
    """One job, if it is the business of these labels."""
    found = _kept(session, label_ids, session.scalars(select(Job).where(Job.id == job_id)).all())
    return found[0] if found else None


def _rows(session: Session, label_ids: Sequence[int], which: ColumnElement[bool]) -> list[JobRow]:
    wanted = select(Job).where(which).order_by(Job.run_at, Job.id).limit(MOST)
    return _kept(session, label_ids, session.scalars(wanted).all())


def _kept(session: Session, label_ids: Sequence[int], jobs: Sequence[Job]) -> list[JobRow]:
    owners = of_jobs(session, jobs)
    zones = dict(session.execute(select(Label.id, Label.time_zone)).all())
    sees_all = set(zones) <= set(label_ids)
    rows = []
    for job in jobs:
        owner = owners.get(job.id, NOBODY)
        if owner.label_id in label_ids or (owner.label_id is None and sees_all):
            rows.append(_row(job, owner, zones.get(owner.label_id or 0, "UTC")))
    return rows


def _row(job: Job, owner: Owner, zone: str) -> JobRow:
    return JobRow(
        id=job.id,
        kind=KINDS.get(job.kind, job.kind),
        about=owner.about or ", ".join(f"{name} {value}" for name, value in job.payload.items() if isinstance(value, int)),
        order_id=owner.order_id,
        label_id=owner.label_id,
        zone=zone,
        state=job.state,
        attempts=job.attempts,
        error=job.last_error or "",
        created_at=job.created_at,
        run_at=job.run_at,
        finished_at=job.finished_at,
    )
