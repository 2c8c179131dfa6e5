"""A fan, or staff for them, answers what is to become of a copy that did not come; the money itself goes back a little later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import shortfall_choice, shortfall_letters
from app.checkout.shortfall_choice import Answer, Choices
from app.checkout.shortfall_letters import Say
from app.fulfilment import parcels
from app.inventory import claims, shortfalls
from app.inventory.delivery_models import Shortfall, ShortfallState, Unanswered
from app.inventory.models import Copy
from app.kernel import outbox
from app.kernel.errors import Conflict, NotFound
from app.orders import placing
from app.orders.models import Order, OrderLine, OrderState
from app.payments import ledger, refunds
from app.payments.models import Payment

UNDO = timedelta(minutes=30)  # in which a refund may be thought over
GIVE_BACK = "shortfall.refund"


@dataclass(frozen=True)
class Asked:
    """A row that did not come, with its order and money, all locked."""

    row: Shortfall
    order: Order
    payment: Payment | None


def answer(
    session: Session, shortfall_id: int, what: Answer, now: datetime, actor: str, *, number: int | None = None, words: str = ""
) -> Shortfall:
    """Do what was answered; the same answer once more changes nothing. `number` is the free one that was shown, for `OTHER`.

    Raises NotFound, and Conflict when it has its outcome, or what was shown is not to be had any more.
    """
    asked = locked(session, shortfall_id)
    row = asked.row
    if row.state is _AFTER.get(what):
        return row
    if row.closed_at is not None:
        raise Conflict("This copy has its answer already. Look at the order again.")
    _check_open(session, asked)
    may = shortfall_choice.choices(session, row, asked.order, asked.payment)
    if what is Answer.UNDO:
        _undo(session, asked, now)
    elif what is Answer.REFUND:
        _refund(session, asked, may, now)
    elif what is Answer.WAIT:
        _wait(session, asked, now)
    else:
        _other(session, asked, may, number, now, actor)
    row.answered_at, row.answered_by, row.words = (None, "", words) if what is Answer.UNDO else (now, actor, words)
    session.flush()
    return row


_AFTER = {Answer.REFUND: ShortfallState.REFUNDING, Answer.WAIT: ShortfallState.WAITS, Answer.UNDO: ShortfallState.OFFERED}


def came_after_all(session: Session, shortfall_id: int, now: datetime, actor: str, words: str) -> Shortfall:
    """Staff have found it: the copy is here and its fan's, as if nothing had been. NotFound, or Conflict."""
    asked = locked(session, shortfall_id)
    _check_open(session, asked)
    shortfalls.move(asked.row, ShortfallState.CAME, now)
    asked.row.answered_at, asked.row.answered_by, asked.row.words = now, actor, words
    shortfall_letters.tell(session, Say.CAME, asked.order.id, [asked.row.id], now)
    session.flush()
    return asked.row


def unanswered(session: Session, shortfall_id: int, now: datetime) -> Shortfall | None:
    """Do what was said would happen without an answer; None when there is one by now, or the last day is not over."""
    asked = locked(session, shortfall_id)
    row = asked.row
    if row.state is not ShortfallState.OFFERED or row.delivery.answer_by > now or asked.order.state is OrderState.CANCELLED:
        return None
    paid = shortfall_choice.goes_back(session, row, asked.order, asked.payment) is not None
    refund = row.delivery.unanswered is Unanswered.REFUND and paid
    return answer(session, shortfall_id, Answer.REFUND if refund else Answer.WAIT, now, claims.MACHINE)


def locked(session: Session, shortfall_id: int) -> Asked:
    """The row with its order, money and parcel, locked in the sequence of all locks. NotFound."""
    found = session.get(Shortfall, shortfall_id)
    if found is None:
        raise NotFound("There is no such copy that did not come.")
    order_id = session.get_one(OrderLine, found.order_line_id).order_id
    payment = ledger.of_order(session, order_id)
    order = placing.locked(session, order_id)
    parcels.locked(session, order_id)
    return Asked(shortfalls.locked(session, shortfall_id), order, payment)


def _refund(session: Session, asked: Asked, may: Choices, now: datetime) -> None:
    if may.refund is None:
        raise Conflict("Nothing was paid for this copy, or it went back already, so there is no money to give back for it.")
    due = now + UNDO
    shortfalls.move(asked.row, ShortfallState.REFUNDING, now, due_at=due)
    asked.row.refund_id = None  # an earlier one, which a second person declined
    about = {"shortfall": asked.row.id}
    outbox.enqueue(session, GIVE_BACK, f"{asked.row.id}:{int(due.timestamp())}", about, now=now, run_at=due, priority=2)
    shortfall_letters.tell(session, Say.REFUNDING, asked.order.id, [asked.row.id], now)


def _wait(session: Session, asked: Asked, now: datetime) -> None:
    shortfalls.move(asked.row, ShortfallState.WAITS, now)
    shortfall_letters.tell(session, Say.WAITS, asked.order.id, [asked.row.id], now)


def _other(session: Session, asked: Asked, may: Choices, number: int | None, now: datetime, actor: str) -> None:
    """At once, and for good: somebody else may want the number that was theirs a moment ago."""
    if may.other is None:
        raise Conflict("No other number is free for you at this moment: who bought earlier is asked first. Look again later.")
    if number != may.other:
        raise Conflict(f"That number has just gone. The one that is free for you now is № {may.other}. Look again, then choose.")
    new: Copy = claims.exchange(session, asked.row.copy_id, may.other, now, actor, shortfalls.WHY)
    refunds.follow_copy(session, asked.row.copy_id, new.id)
    shortfall_letters.tell(session, Say.EXCHANGED, asked.order.id, [asked.row.id], now)


def _undo(session: Session, asked: Asked, now: datetime) -> None:
    """Ask anew; after the last day the fan waits for the next issue meanwhile, and may say otherwise at any time."""
    row = asked.row
    over = row.delivery.answer_by <= now
    if over and row.state is ShortfallState.WAITS:
        raise Conflict("The last day for an answer is over, so it stays with waiting. Money can still go back: choose that.")
    shortfalls.move(row, ShortfallState.WAITS if over else ShortfallState.OFFERED, now)
    shortfall_letters.tell(session, Say.WAITS if over else Say.OPEN_AGAIN, asked.order.id, [row.id], now)


def declined(session: Session, refund_id: int, now: datetime) -> None:
    """A second person said no to the money that staff had chosen: the fan is asked anew. Their order and parcel are locked."""
    mine = select(Shortfall.id).where(Shortfall.refund_id == refund_id, Shortfall.state == ShortfallState.REFUNDING)
    for id_ in session.scalars(mine.where(Shortfall.closed_at.is_(None))).all():
        asked = locked(session, id_)
        _undo(session, asked, now)
        asked.row.refund_id, asked.row.answered_at, asked.row.answered_by = None, None, ""
        session.flush()


def _check_open(session: Session, asked: Asked) -> None:
    if asked.order.state is OrderState.CANCELLED:  # in Stripe's dashboard, say: staff have yet to decide about its copies
        raise Conflict("This order was cancelled, so there is nothing to be answered any more.")
    if asked.row.refund_id is not None and _proposed(session, asked):
        raise Conflict("A refund for this copy waits for a second person at the label. They say no to it first.")


def _proposed(session: Session, asked: Asked) -> bool:
    waiting = refunds.proposed(session, asked.payment) if asked.payment is not None else ()
    return any(each.id == asked.row.refund_id for each in waiting)
