"""Reminders before a drop opens, for who asked and confirmed their address."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.drops.models import Drop, Reminder
from app.kernel import outbox
from app.kernel.errors import Conflict, NotFound
from app.kernel.upsert import insert

KIND = "reminder"
CONFIRM_ADDRESS, REMIND = "mail.confirm_address", "mail.reminder"
BEFORE = timedelta(minutes=30)


def ask(session: Session, drop: Drop, email: str, email_key: str, now: datetime) -> None:
    """Note a wish and mail a link to confirm it; asking twice is the same wish. Conflict when the drop has opened."""
    if now >= drop.opens_at:
        raise Conflict("This drop has opened already, so there is nothing to be reminded of.", drop=drop.slug)
    wish = insert(session, Reminder).values(drop_id=drop.id, email=email, email_key=email_key, created_at=now)
    session.execute(wish.on_conflict_do_nothing())
    mine = session.scalars(select(Reminder).where(Reminder.drop_id == drop.id, Reminder.email_key == email_key)).one()
    if mine.confirmed_at is None:
        hour = f"{now:%Y%m%d%H}"  # at most one such mail an hour
        asked = {"reminder": mine.id, "asked": hour}
        outbox.enqueue(session, CONFIRM_ADDRESS, f"{mine.id}:{hour}", asked, now=now, once=True, priority=6)


def confirm(session: Session, reminder_id: int, now: datetime) -> Reminder:
    """The address is theirs: remind them. NotFound when the wish was withdrawn."""
    mine = session.get(Reminder, reminder_id)
    if mine is None:
        raise NotFound("This reminder was withdrawn.")
    mine.confirmed_at = mine.confirmed_at or now
    return mine


def withdraw(session: Session, reminder_id: int) -> None:
    """Forget a wish and its address."""
    mine = session.get(Reminder, reminder_id)
    if mine is not None:
        session.delete(mine)


def due(session: Session, now: datetime, *, limit: int = 200) -> int:
    """Put mails into the outbox for drops that open within half an hour; how many."""
    soon = (
        select(Reminder)
        .join(Drop, Drop.id == Reminder.drop_id)
        .where(Reminder.confirmed_at.is_not(None), Reminder.sent_at.is_(None), Drop.published_at.is_not(None))
        .where(Drop.opens_at > now, Drop.opens_at <= now + BEFORE)
        .order_by(Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Reminder)
    )
    found = session.scalars(soon).all()
    for reminder in found:
        reminder.sent_at = now
        outbox.enqueue(session, REMIND, str(reminder.id), {"reminder": reminder.id}, now=now, once=True, priority=6)
    return len(found)
