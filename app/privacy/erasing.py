"""The steps of an erasure, each for a short transaction of its own; what must stay is looked at again every hour."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.inventory.models import Hold
from app.kernel import outbox
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from app.privacy import buyers, emptying, erasures, persons, views
from app.privacy.emptying import HOLD, REMINDER
from app.privacy.erasures import ERASED, PARTLY
from app.privacy.models import ErasedRow, Erasure, ErasureState

AGAIN = timedelta(hours=1)
STRAYS = timedelta(days=60)  # in which money may still come for a hold that was emptied


def due(session: Session, now: datetime) -> Sequence[int]:
    """The erasures to look at now; those that were told of wait for their letter only."""
    wanted = select(Erasure.id).where(Erasure.state == ErasureState.WAITING, Erasure.due_at <= now)
    rested = or_(Erasure.looked_at.is_(None), Erasure.looked_at <= now - AGAIN, Erasure.told_at.is_not(None))
    return session.scalars(wanted.where(rested).order_by(Erasure.id)).all()


def note(session: Session, erasure_id: int, refs: Sequence[str], now: datetime) -> None:
    """Write into the record what was emptied."""
    known = set(session.scalars(select(ErasedRow.ref).where(ErasedRow.ref.in_(refs))))
    session.add_all([ErasedRow(ref=ref, erasure_id=erasure_id, at=now) for ref in dict.fromkeys(refs) if ref not in known])
    session.flush()


def empty_stray(session: Session, hold_id: int, now: datetime) -> None:
    """Empty what late money made of a hold that was emptied before, as soon as it need not be known any more."""
    order = session.scalars(select(Order).where(Order.hold_id == hold_id)).one()
    label_id, email_key = order.label_id, order.email_key
    done = emptying.empty(session, hold_id, None, now)
    note(session, session.get_one(ErasedRow, f"{HOLD}{hold_id}").erasure_id, done.refs, now)
    buyers.forget(session, buyers.idle(session, label_id, email_key))


def left(session: Session, erasure: Erasure) -> list[int]:
    """What is theirs by the address, and what was emptied in part only."""
    mine = persons.holds_of(session, erasures.person_of(erasure), erasure.asked_at)
    before = _named(session.scalars(select(ErasedRow.ref).where(ErasedRow.erasure_id == erasure.id)).all())
    nameless = (Order.email == "") & (Order.name != "")
    partly = select(Hold.id).outerjoin(Order, Order.hold_id == Hold.id).where(Hold.id.in_(before))
    return sorted({*mine, *session.scalars(partly.where(or_(Hold.email_key != "", nameless)))})


def _named(refs: Sequence[str]) -> list[int]:
    return [int(ref.removeprefix(HOLD)) for ref in refs if ref.startswith(HOLD)]


def empty_some(session: Session, erasure_id: int, hold_ids: Sequence[int], now: datetime) -> int:
    """How many of these are still kept. One that was taken back meanwhile is left alone."""
    erasure = erasures.locked(session, erasure_id)
    if erasure.state is not ErasureState.WAITING:
        return 0
    person, kept = erasures.person_of(erasure), 0
    for hold_id in hold_ids:
        done = emptying.empty(session, hold_id, person, now)
        kept += done.kept is not None
        if done.refs:
            erasure.begun_at = erasure.begun_at or now
            note(session, erasure_id, done.refs, now)
    return kept


def rest(session: Session, erasure_id: int, words: Collection[str], now: datetime, *, stays: int) -> None:
    """Reminders and searches; then the letter that nothing is left, or what is."""
    erasure = erasures.locked(session, erasure_id)
    if erasure.state is not ErasureState.WAITING:
        return
    person, first = erasures.person_of(erasure), erasure.looked_at is None
    wishes = persons.reminders_of(session, person, erasure.asked_at)
    note(session, erasure_id, [f"{REMINDER}{wish.id}" for wish in wishes], now)
    for wish in wishes:
        session.delete(wish)
    views.cut(session, person, words)
    buyers.forget(session, buyers.idle(session, person.label_id, person.email_key))
    erasure.begun_at, erasure.looked_at = erasure.begun_at or now, now
    if not stays:
        erasure.told_at = now
    if first or not stays:
        kind, about = PARTLY if stays else ERASED, {"erasure": erasure.id}
        outbox.enqueue(session, kind, str(erasure.id), about, now=now, once=True, priority=6)
        rows = session.scalar(select(func.count()).where(ErasedRow.erasure_id == erasure.id)) or 0
        audit.note(
            session, "fan.erased_partly" if stays else "fan.erased", "erasure", erasure.id, now=now, staff_id=None,
            label_id=erasure.label_id, rows=rows, kept=stays or None,
        )  # fmt: skip


def end_told(session: Session, erasure_id: int, now: datetime) -> None:
    """The last letter is sent, or will never be: nothing is known of the person any more."""
    erasure = erasures.locked(session, erasure_id)
    letter = session.scalar(select(Job.state).where(Job.key == f"{ERASED}:{erasure.id}", Job.once))
    if erasure.state is ErasureState.WAITING and letter in {None, JobState.DONE, JobState.DEAD}:
        erasures.end(erasure, ErasureState.DONE, now)


def strays(session: Session, now: datetime) -> list[int]:
    """Holds that were emptied, and of which money that came late has made an order since."""
    lately = select(ErasedRow.ref, ErasedRow.at).where(ErasedRow.at > now - STRAYS, ErasedRow.ref.startswith(HOLD))
    emptied = {int(ref.removeprefix(HOLD)): at for ref, at in session.execute(lately)}
    orders = select(Order.hold_id, Order.placed_at).where(Order.hold_id.in_(emptied), Order.email != "")
    return [hold_id for hold_id, placed_at in session.execute(orders) if placed_at > emptied[hold_id]]
