"""How the mails to the fans of a pre-order went, and what they said about their addresses."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout.asking import STILL_THERE
from app.fulfilment.preorder_rows import AddressCheck, Answer
from app.kernel.outbox import Job, JobState
from app.orders.models import Order, OrderState


@dataclass(frozen=True)
class Posted:
    """How many mails have left, wait, or came to nothing."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Checks:
    """How many orders that stand were asked about, and what their fans said; `mails` is how the asking went."""

    asked: int
    right: int
    changed: int
    mails: Posted

    @property
    def silent(self) -> int:
        """Who has not answered."""
        return self.asked - self.right - self.changed


def posted(session: Session, key: str) -> Posted:
    """The mails whose keys begin so."""
    mine = select(Job.state, func.count()).where(Job.once, Job.key > f"{key}:", Job.key < f"{key};").group_by(Job.state)
    found: dict[JobState, int] = dict(session.execute(mine).all())
    waiting = found.get(JobState.WAITING, 0) + found.get(JobState.LEASED, 0)
    return Posted(found.get(JobState.DONE, 0), waiting, found.get(JobState.DEAD, 0))


def checks(session: Session, run_id: int) -> Checks:
    """What the fans of a run have said."""
    mine = select(AddressCheck.answer, func.count()).join(Order, Order.id == AddressCheck.order_id).group_by(AddressCheck.answer)
    mine = mine.where(AddressCheck.run_id == run_id, Order.state == OrderState.PLACED)
    found: dict[Answer | None, int] = dict(session.execute(mine).all())
    mails = posted(session, f"{STILL_THERE}:{run_id}")
    return Checks(sum(found.values()), found.get(Answer.RIGHT, 0), found.get(Answer.CHANGED, 0), mails)
