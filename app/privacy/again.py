"""Erases again what an older backup brought back, by the record, before anybody can see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.drops.models import Drop, Reminder
from app.inventory.models import Hold
from app.kernel import keys
from app.kernel.tokens import Tokens
from app.orders.models import Order
from app.privacy import buyers, emptying, erasing, erasures, persons, views
from app.privacy.emptying import HOLD, REMINDER
from app.privacy.models import ErasedRow, Erasure, ErasureOrigin, ErasureState
from app.privacy.persons import Person
from app.privacy.record import Entry


@dataclass(frozen=True)
class Again:
    """How many people, holds and reminders were erased again, and how many erasures go on that were asked for since."""

    people: int = 0
    holds: int = 0
    reminders: int = 0
    go_on: int = 0


def erase_again(session: Session, record: Sequence[Entry], tokens: Tokens, now: datetime) -> Again:
    """Bring the erasures to where the record says that they were; who asked since then is erased in their turn."""
    labels = set(session.scalars(select(Label.id)))
    mine = [entry for entry in record if entry.label_id in labels]
    known = _people(session, tokens, mine)
    done = [_one(session, entry, known.get(entry.digest), now) for entry in mine]
    return Again(
        people=sum(bool(each.holds or each.reminders) for each in done),
        holds=sum(each.holds for each in done),
        reminders=sum(each.reminders for each in done),
        go_on=sum(each.go_on for each in done),
    )


def was_erased(session: Session, hold_id: int, session_id: str) -> int | None:
    """The erasure that emptied a hold, or what was paid in a session of Stripe's; None for anybody else's."""
    named = (f"{HOLD}{hold_id}", session_id)
    return session.scalar(select(ErasedRow.erasure_id).where(ErasedRow.ref.in_(named)).limit(1))


def empty(session: Session, hold_id: int, erasure_id: int, now: datetime) -> None:
    """Empty a hold and its order that Stripe's record has just brought back."""
    done = emptying.empty_again(session, hold_id, now)
    if done is not None:
        erasing.note(session, erasure_id, done.refs, now)


def _one(session: Session, entry: Entry, person: Person | None, now: datetime) -> Again:
    erasure = _kept(session, entry)
    were = _were(session, entry, [person] if person is not None else [])
    holds = _holds(session, erasure, entry, now)
    wishes = [wish for id_ in _ids(entry, REMINDER) if (wish := session.get(Reminder, id_)) is not None]
    for wish in wishes:
        session.delete(wish)
    session.flush()
    for each, words in were.items():
        views.cut(session, each, words)
        buyers.forget(session, buyers.idle(session, each.label_id, each.email_key))
    erasing.note(session, erasure.id, entry.rows, now)
    return Again(holds=holds, reminders=len(wishes), go_on=_go_on(session, erasure, entry, person, now))


def _were(session: Session, entry: Entry, known: Sequence[Person]) -> dict[Person, set[str]]:
    """Under which addresses and names they stand in the backup, by the rows that were emptied: also when the keys are new ones."""
    ids = _ids(entry, HOLD)
    held = session.execute(select(func.lower(Hold.email), Hold.email_key).where(Hold.id.in_(ids), Hold.email != "").distinct())
    every = dict.fromkeys([*known, *(Person(entry.label_id, email, key) for email, key in held)])
    return {person: views.words_of(session, person, ids) for person in every} if entry.rows else {}


def _kept(session: Session, entry: Entry) -> Erasure:
    """Its row, put in again where it was lost."""
    known = session.get(Erasure, entry.id)
    if known is not None and known.digest == entry.digest:
        return known
    asked = datetime.fromisoformat(entry.asked_at)
    over = ErasureState.TAKEN_BACK if entry.state is ErasureState.TAKEN_BACK else ErasureState.DONE
    erasure = Erasure(
        id=entry.id if known is None else None, label_id=entry.label_id, digest=entry.digest, email="", email_key="",
        origin=ErasureOrigin.RECORD, state=over, asked_at=asked, due_at=datetime.fromisoformat(entry.due_at), ended_at=asked,
    )  # fmt: skip
    session.add(erasure)
    session.flush()
    keys.go_on_after(session, "erasures")
    return erasure


def _holds(session: Session, erasure: Erasure, entry: Entry, now: datetime) -> int:
    emptied = 0
    for hold_id in _ids(entry, HOLD):
        done = emptying.empty_again(session, hold_id, now)
        if done is not None:
            emptied += 1
            erasing.note(session, erasure.id, done.refs, now)
    return emptied


def _go_on(session: Session, erasure: Erasure, entry: Entry, person: Person | None, now: datetime) -> int:
    """Have it go on while there is something left of the person from before they asked; 1 if it does."""
    if entry.state is ErasureState.TAKEN_BACK:
        if erasure.state is ErasureState.WAITING:
            erasures.end(erasure, ErasureState.TAKEN_BACK, now)
        return 0
    if person is None or not (_something(session, person, erasure.asked_at) or erasure.state is ErasureState.WAITING):
        if erasure.state is ErasureState.WAITING:
            erasures.end(erasure, ErasureState.DONE, now)
        return 0
    erasures.reopen(erasure, person, now, begun=bool(entry.rows))
    session.flush()
    return 1


def _something(session: Session, person: Person, until: datetime) -> bool:
    return bool(persons.holds_of(session, person, until) or persons.reminders_of(session, person, until))


def _ids(entry: Entry, what: str) -> list[int]:
    return [int(ref.removeprefix(what)) for ref in entry.rows if ref.startswith(what)]


def _people(session: Session, tokens: Tokens, record: Sequence[Entry]) -> dict[str, Person]:
    """The people of the record whom the backup knows, by their fingerprint under any key that is accepted."""
    wanted, found = {entry.digest for entry in record}, {}
    for person in _every(session) if wanted else ():
        for digest in person.digests(tokens):
            if digest in wanted and (person.email_key or digest not in found):  # what was given away has no key
                found[digest] = person
    return found


def _every(session: Session) -> Iterator[Person]:
    ordered = select(Order.label_id, func.lower(Order.email), Order.email_key).where(Order.email != "")
    held = select(Drop.label_id, func.lower(Hold.email), Hold.email_key).join(Drop, Drop.id == Hold.drop_id).where(Hold.email != "")
    asked = select(Drop.label_id, func.lower(Reminder.email), Reminder.email_key).join(Drop, Drop.id == Reminder.drop_id)
    every = (session.execute(each.distinct()).all() for each in (ordered, held, asked))
    return (Person(*row) for row in dict.fromkeys(tuple(row) for row in chain.from_iterable(every)))
