"""What a fan sees of their own reminder."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.drops.models import Drop, Reminder
from app.drops.reminders import BEFORE
from app.reports import sleeves
from app.reports.sleeves import Imprint


@dataclass(frozen=True)
class ReminderPage:
    """A wish to be told before a drop opens; `sends_at` is when that mail leaves."""

    email: str
    confirmed: bool
    sent: bool
    drop_slug: str
    drop_title: str
    opens_at: datetime
    sends_at: datetime
    zone: str
    label: Imprint


def reminder_page(session: Session, reminder: Reminder) -> ReminderPage:
    """The page of a stored reminder."""
    drop = session.get_one(Drop, reminder.drop_id)
    return ReminderPage(
        email=reminder.email,
        confirmed=reminder.confirmed_at is not None,
        sent=reminder.sent_at is not None,
        drop_slug=drop.slug,
        drop_title=drop.title,
        opens_at=drop.opens_at,
        sends_at=drop.opens_at - BEFORE,
        zone=drop.label.time_zone,
        label=sleeves.imprint(drop.label, alone=sleeves.is_alone(session)),
    )
