"""What differs from Stripe's own record, for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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


def differences_page(session: Session, label_ids: Sequence[int]) -> DifferencesPage:
    """The list as it stands; times in the zone of the first of these labels."""
    zone = session.scalar(select(Label.time_zone).where(Label.id.in_(label_ids)).order_by(Label.id).limit(1)) or "UTC"
    compared = session.get(Heartbeat, RECONCILED)
    return DifferencesPage(tuple(map(_row, unresolved.waiting(session))), compared.at if compared else None, zone)


def difference_row(session: Session, difference_id: int) -> DifferenceRow | None:
    """One of them, over or not."""
    found = session.get(StripeDifference, difference_id)
    return _row(found) if found else None


def _row(row: StripeDifference) -> DifferenceRow:
    amount = Money(row.amount, row.currency) if row.amount is not None else None
    return DifferenceRow(row.id, row.about, row.reference, amount, row.made_at, row.what, row.todo, row.settled_how)
