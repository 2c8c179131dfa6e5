"""Words for tests about copies that did not come from the plant: who says so, who answers, how it stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.checkout import delivery, next_issue, shortfall_answers, shortfall_refund
from app.checkout.delivery_plan import Outlook, Said, outlook
from app.checkout.shortfall_choice import Answer, Choices, choices
from app.inventory.delivery_models import Delivery, Shortfall, Unanswered
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from app.orders.models import Order, OrderLine
from app.payments.models import Payment, Refund
from tests.cast import NOW, SAM


def said(*missing: int, came: int | None = None, reserve: bool = True, **more: Any) -> Said:
    """What Sam says: these numbers are missing, or so many came; fans have two weeks, then their money goes back."""
    about = {"unanswered": Unanswered.REFUND, "days": 14, "promise": "in March", **more}
    return Said(came, tuple(missing), use_reserve=reserve, **about)


def look(db: Database, run_id: int, what: Said) -> Outlook:
    """The preview."""
    with reading(db) as session:
        return outlook(session, run_id, what)


def deliver(db: Database, run_id: int, what: Said, now: datetime = NOW) -> Delivery:
    """Say it, and agree to what is shown."""
    shown = look(db, run_id, what).sign
    with transaction(db) as session:
        return delivery.deliver(session, run_id, what, shown, now, SAM)


def rows(db: Database) -> list[Shortfall]:
    """All of them, as they were made."""
    with reading(db) as session:
        return list(session.scalars(select(Shortfall).order_by(Shortfall.id)))


def states(db: Database) -> dict[int, str]:
    """Where each number that did not come stands."""
    with reading(db) as session:
        found = session.execute(
            select(Copy.number, Shortfall.state).join(Copy, Copy.id == Shortfall.copy_id).order_by(Shortfall.id)
        )
        return {number or 0: state.value for number, state in found}


def of_number(db: Database, number: int) -> int:
    """The row about a number."""
    with reading(db) as session:
        mine = select(Shortfall.id).join(Copy, Copy.id == Shortfall.copy_id).where(Copy.number == number)
        return session.scalars(mine.order_by(Shortfall.id.desc()).limit(1)).one()


def answer(db: Database, number: int, what: Answer, now: datetime = NOW, actor: str = "fan", other: int | None = None) -> Shortfall:
    """Answer about a number."""
    id_ = of_number(db, number)
    with transaction(db) as session:
        return shortfall_answers.answer(session, id_, what, now, actor, number=other)


def may(db: Database, number: int) -> Choices:
    """What may be chosen about a number."""
    id_ = of_number(db, number)
    with reading(db) as session:
        found = session.get_one(Shortfall, id_)
        order = session.get_one(Order, session.get_one(OrderLine, found.order_line_id).order_id)
        return choices(session, found, order, session.scalar(select(Payment).where(Payment.order_id == order.id)))


def give_back(db: Database, number: int, now: datetime) -> Refund | None:
    """The worker comes by."""
    id_ = of_number(db, number)
    with transaction(db) as session:
        return shortfall_refund.give_back(session, id_, now)


def arrive(db: Database, run_id: int, came: int, now: datetime = NOW) -> next_issue.Comes:
    """The next issue has come, and Sam agrees to what is shown."""
    with reading(db) as session:
        shown = next_issue.outlook(session, run_id, came).sign
    with transaction(db) as session:
        return next_issue.arrive(session, run_id, came, shown, now, SAM)


def letters(db: Database) -> list[tuple[int, str]]:
    """Who is told what: order and word, in the sequence of asking."""
    with reading(db) as session:
        jobs = session.scalars(select(Job).where(Job.kind == "mail.short").order_by(Job.id))
        return [(job.payload["order"], job.payload["say"]) for job in jobs]


def numbers_of(db: Database, order_ids: Iterable[int]) -> list[list[tuple[int | None, int]]]:
    """The copies of each order: number and issue."""
    with reading(db) as session:
        found = []
        for id_ in order_ids:
            mine = select(Copy.number, Copy.issue).join(OrderLine, OrderLine.id == Copy.order_line_id)
            found.append([(n, i) for n, i in session.execute(mine.where(OrderLine.order_id == id_).order_by(Copy.number))])
        return found
