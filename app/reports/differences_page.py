"""What differs from Stripe's own record, for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.checkout.reconcile import RECONCILED
from app.kernel.heartbeat import Heartbeat
from app.kernel.money import Money
from app.payments import unresolved
from app.payments.models import StripeDifference


@dataclass(frozen=True)
class DifferenceRow:
    """One of them; `about` is Stripe's id, which its dashboard finds."""

    id: int
    about: str
    reference: str
    amount: Money | None
    made_at: datetime
    what: str
    todo: str
    settled_how: str


@dataclass(frozen=True)
class DifferencesPage:
    """Those that wait, and when the last comparison was."""

    rows: tuple[DifferenceRow, ...]
    compared_at: datetime | None
    zone: str


def of_labels(session: Session, label_ids: Sequence[int]) -> ColumnElement[bool]:
    """The condition that a difference is one of these labels'; what cannot be told is seen by who works for all there are."""
    mine = StripeDifference.label_id.in_(label_ids)
    others = session.scalar(select(Label.id).where(Label.id.not_in(label_ids)).limit(1))
    return mine if others is not None else or_(mine, StripeDifference.label_id.is_(None))


def differences_page(session: Session, label_ids: Sequence[int]) -> DifferencesPage:
    """The list of some labels as it stands; times in the zone of the first of these labels."""
    zone = session.scalar(select(Label.time_zone).where(Label.id.in_(label_ids)).order_by(Label.id).limit(1)) or "UTC"
    compared = session.get(Heartbeat, RECONCILED)
    rows = unresolved.waiting(session, of_labels(session, label_ids))
    return DifferencesPage(tuple(map(_row, rows)), compared.at if compared else None, zone)


def difference_row(session: Session, label_ids: Sequence[int], difference_id: int) -> DifferenceRow | None:
    """One of them, over or not; None when it is not one of these labels'."""
    wanted = select(StripeDifference).where(StripeDifference.id == difference_id, of_labels(session, label_ids))
    found = session.scalar(wanted)
    return _row(found) if found else None


def _row(row: StripeDifference) -> DifferenceRow:
    amount = Money(row.amount, row.currency) if row.amount is not None else None
    return DifferenceRow(row.id, row.about, row.reference, amount, row.made_at, row.what, row.todo, row.settled_how)
