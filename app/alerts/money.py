"""What money asks of a person: each matter is a cause of its own, for each may have a day by which it must be done."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.alerts import Found
from app.reports import money_tasks
from app.reports.letter_paper import at
from app.reports.money_tasks import Kind, Task
from app.settings import Settings

_WORDS = {
    Kind.ANSWER: "a bank disputes {amount} of order {reference}",
    Kind.INQUIRY: "a bank inquires about {amount} of order {reference}",
    Kind.FELL_THROUGH: "a refund of {amount} of order {reference} fell through",
    Kind.CONFIRM: "a refund of {amount} of order {reference} waits for a second person",
    Kind.LOST: "the bank took {amount} of order {reference} back, and its parcel is still here",
    Kind.DECIDE: "nobody has said what becomes of the copies of order {reference}, of which {amount} went back",
    Kind.TWICE: "{amount} more of order {reference} went back than was paid, another way and in Stripe's dashboard",
    Kind.MISMATCH: "{amount} was paid where another amount was asked ({reference}), and was let go",
}


def money_asks(session: Session, _settings: Settings, now: datetime) -> Iterable[Found]:
    """Everything that the desk lists."""
    for label in session.scalars(select(Label).order_by(Label.id)):
        for task in money_tasks.tasks(session, [label.id], now):
            what = _WORDS[task.kind].format(amount=task.amount.format(), reference=task.reference)
            due = f"; the answer is due by {at(task.due, task.zone)}" if task.due else ""
            yield Found(f"money.asks/{label.id}/{task.kind}/{_about(task)}", f"{label.name}: {what}{due}.", label.id, _path(task))


def _about(task: Task) -> str:
    return f"refund-{task.refund_id}" if task.refund_id else task.reference


def _path(task: Task) -> str:
    if task.refund_id:
        return f"/staff/refunds/{task.refund_id}"
    return f"/staff/orders/{task.order_id}" if task.order_id else "/staff/"
