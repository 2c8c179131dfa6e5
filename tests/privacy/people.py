"""A fan whose every word is one that nobody else has, and where such words are still found."""

import json
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.accounts.models import SavedView, Staff
from app.accounts.roles import Role
from app.checkout.details import Details, say_where_to
from app.drops.models import Drop, Reminder
from app.fulfilment import shipping
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job, JobState
from app.orders import notes
from app.orders.models import Order
from app.privacy import erasures
from app.privacy.models import Erasure
from app.privacy.persons import Person as Fan
from app.tables import metadata
from app.worker import erasing as worker
from tests.builders import end_payment, open_attempt, settle_as, take_some
from tests.cast import ADA, NOW, SAM, TOKENS, Person
from tests.staff.seat import make_staff

WORDS = ("ada@example.org", "lovelace", "prüfweg", "10115", "berlin,", "gate-code", "jjd-secret", "allergic", "ada-cookie", "net-a")


def fan(person: Person = ADA, label_id: int = 1) -> Fan:
    """Somebody of the cast, as a label knows them."""
    return Fan(label_id, person.email.lower(), person.email.lower())


def noted_order(db: Database, drop_id: int, run_id: int, person: Person = ADA, *, sent: bool = True, count: int = 1) -> Order:
    """A paid order with a note of the fan, one of the desk, and, once it is sent, a tracking number."""
    hold = take_some(db, drop_id, {run_id: count}, person).hold
    with transaction(db) as session:
        say_where_to(session, hold.id, Details(person.email, "DE", None, "gate-code 77"), NOW)
    payment = settle_as(db, open_attempt(db, hold.id))
    assert payment is not None
    end_payment(db, payment.id)
    with transaction(db) as session:
        staff = session.scalar(select(Staff.id)) or 0
    staff = staff or make_staff(db, "Sam", {1: Role.OWNER})
    with transaction(db) as session:
        order = session.scalars(select(Order).where(Order.hold_id == hold.id)).one()
        order.email = person.email
        notes.write(session, order.id, staff, "allergic to bubble wrap", NOW, on_slip=False)
        session.add(SavedView(staff_id=staff, label_id=1, name="To call", query="q=lovelace&stage=sent", created_at=NOW))
    if sent:
        ship(db, order.id)
    with reading(db) as session:
        return session.get_one(Order, order.id)


def ship(db: Database, order_id: int, now: datetime = NOW, tracking: str = "JJD-SECRET") -> None:
    """Its parcel leaves."""
    with transaction(db) as session:
        shipping.pack(session, order_id, now)
        shipping.ship(session, order_id, "DHL", tracking, now, SAM)


def wish(db: Database, drop_id: int, person: Person = ADA) -> int:
    """A confirmed reminder."""
    with transaction(db) as session:
        mine = Reminder(drop_id=drop_id, email=person.email, email_key=person.email, created_at=NOW, confirmed_at=NOW)
        session.add(mine)
        session.flush()
        return mine.id


def asks(db: Database, person: Person = ADA, now: datetime = NOW) -> int:
    """They want to be erased at the first label; the erasure's id."""
    with transaction(db) as session:
        return erasures.ask(session, TOKENS, fan(person), now).id


def later(db: Database, now: datetime = NOW, **when: float) -> datetime:
    """The worker comes by when the days of grace are over, its letters are sent, and it comes once more."""
    due = now + erasures.GRACE + timedelta(**(when or {"minutes": 1}))
    worker.work(db, due)
    letters_go(db, due)
    worker.work(db, due)
    return due


def letters_go(db: Database, now: datetime) -> None:
    """Every letter that waits was sent, and every payment that waits was captured."""
    with transaction(db) as session:
        waiting = update(Job).where(Job.state == JobState.WAITING)
        session.execute(waiting.values(state=JobState.DONE, finished_at=now))


def erasure(db: Database, erasure_id: int) -> Erasure:
    """As it stands now."""
    with reading(db) as session:
        return session.get_one(Erasure, erasure_id)


def close(db: Database, drop_id: int, now: datetime = NOW) -> None:
    """The drop is over, so that nothing of it is counted any more."""
    with transaction(db) as session:
        session.get_one(Drop, drop_id).closed_at = now


def hold_of(db: Database, order: Order) -> Hold:
    """The hold that an order came from."""
    with reading(db) as session:
        return session.get_one(Hold, order.hold_id)


def found(db: Database, words: tuple[str, ...] = WORDS) -> set[str]:
    """Every column of every table in which one of these words stands."""
    places = set()
    with reading(db) as session:
        for table in metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for name, value in row.items():
                    said = (json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)).lower()
                    places |= {f"{table.name}.{name}" for word in words if word in said}
    return places
