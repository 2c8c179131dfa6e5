"""After a parcel has left: what became of each copy, what is sent for it, and does money go back? Three questions, one deed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import refund
from app.checkout.mishap_answers import Again, Answer, Answers, check, why
from app.checkout.parts import Plan
from app.checkout.refund import By
from app.checkout.send_again import Sent, send_again
from app.fulfilment import again, parcels, shipping
from app.fulfilment.models import Mishap, ParcelState, Trouble
from app.inventory import claims, counts
from app.inventory.counts import Owned
from app.inventory.states import CopyState
from app.kernel.errors import Conflict
from app.orders import placing
from app.orders.models import Order
from app.payments import ledger
from app.payments.models import Payment, Refund
from app.payments.states import PaymentState, RefundState


@dataclass(frozen=True)
class Seen:
    """How an order stood when somebody looked: what was left of its money, and how many mishaps it had."""

    left: int
    mishaps: int


@dataclass(frozen=True)
class Done:
    """The refund, which may wait for a second person; the order that sends copies again; how many copies left the order."""

    refund: Refund | None
    again_order_id: int | None
    moved: int


Going = dict[Owned, tuple[Answer, Trouble]]


def seen(session: Session, order: Order, payment: Payment | None) -> Seen:
    """How it stands now."""
    captured = payment if payment is not None and payment.state is PaymentState.CAPTURED else None
    return Seen(ledger.of(session, captured).left if captured is not None else 0, again.count(session, order.id))


def answer(session: Session, order_id: int, answers: Answers, looked: Seen, by: By, now: datetime) -> Done:
    """Do what was answered, all or nothing.

    A copy whose refund waits for a second person moves when they say yes; where another is sent for it, it moves at once.
    Raises BadInput where answers do not fit, Conflict when the parcel has not left or something changed since somebody looked,
    NotPaid or OverRefund where there is no such money, Disputed.
    """
    payment = ledger.of_order(session, order_id)
    order = placing.locked(session, order_id)
    if parcels.locked(session, order_id).state is not ParcelState.SENT:
        raise Conflict("The parcel has not left yet. To take copies out, give their money back or cancel the order.")
    _check_unchanged(seen(session, order, payment), looked)
    owned = {each.copy_id: each for each in counts.owned_by_lines(session, [line.id for line in order.lines])}
    check(answers, owned)
    if answers.sends:
        shipping.check_paid(session, order)
    made = _give_back(session, order_id, answers, by, now) if answers.money else None
    waits = made is not None and made.state is RefundState.PROPOSED
    said = sorted(answers.copies.items())
    going = {owned[id_]: (each, each.what) for id_, each in said if each.what and not (waits and each.by_refund)}
    sent = list(_leave(session, order, going, answers.words, by, now))
    again_id = send_again(session, order, sent, now) if sent else None
    _write_down(session, order, going, again_id, answers.words, by, now)
    return Done(made, again_id, len(going))


def _check_unchanged(now: Seen, looked: Seen) -> None:
    if now != looked:
        raise Conflict("Money went back or a copy was sent again since you looked. Look again, then choose.")


def _give_back(session: Session, order_id: int, answers: Answers, by: By, now: datetime) -> Refund:
    """The refund of what was ticked; it moves the copies for which nothing is sent."""
    chosen = {id_: each.choice(answers.words) for id_, each in answers.copies.items() if each.money}
    mishaps = again.count(session, order_id)
    plan = Plan(chosen, postage=answers.postage, amount=answers.amount, sent=True, mishaps=mishaps)
    comes_to = refund.outlook(session, refund.locked(session, order_id), plan)
    return refund.ask(session, order_id, plan, comes_to.amount.amount, by, now)


def _leave(session: Session, order: Order, going: Going, words: str, by: By, now: datetime) -> Iterator[Sent]:
    """Take copies out of the order; the free ones to be sent for them."""
    lines = {line.id: line for line in order.lines}
    others = _others(session, going)
    for each, (said, what) in going.items():
        after = CopyState.AVAILABLE if what is Trouble.CAME_BACK else CopyState.WITHDRAWN
        if not said.by_refund:
            claims.take_back(session, each.copy_id, list(lines), after, now, by.actor, why(what, words))
        number = each.number
        if said.again is Again.RESERVE:
            number = claims.issue_again(session, each.copy_id).number
        elif said.again is Again.OTHER:
            number = others[each.run_id].pop(0)
        if said.again is not Again.NOTHING and number is not None:
            yield Sent(lines[each.order_line_id], number)


def _others(session: Session, going: Going) -> dict[int, list[int]]:
    """Free numbers per run, chosen before anything is put back: another number is another one."""
    wanted: dict[int, int] = defaultdict(int)
    for each, (said, _) in going.items():
        wanted[each.run_id] += said.again is Again.OTHER
    return {run_id: claims.next_free(session, run_id, quantity) for run_id, quantity in wanted.items() if quantity}


def _write_down(session: Session, order: Order, going: Going, again_id: int | None, words: str, by: By, now: datetime) -> None:
    prices: Mapping[int, int] = {line.id: line.unit_amount for line in order.lines}
    worth = again.worth(session, [order.id])
    for each, (said, what) in going.items():
        session.add(
            Mishap(
                order_line_id=each.order_line_id,
                copy_id=each.copy_id,
                what=what,
                words=words,
                unit_amount=worth.get((order.id, each.run_id), prices[each.order_line_id]),
                again_order_id=again_id if said.again is not Again.NOTHING else None,
                actor=by.actor,
                at=now,
            )
        )
    session.flush()
