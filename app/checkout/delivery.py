"""Staff have said what came from the plant: what is missing leaves the sale, or is offered to who bought it, in one deed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import runs
from app.checkout import shortfall_letters
from app.checkout.delivery_plan import OnShelf, Outlook, Said, outlook
from app.checkout.shortfall_letters import Say
from app.fulfilment.models import Parcel
from app.inventory import claims, shortfalls
from app.inventory.delivery_models import Delivery, Shortfall, ShortfallState
from app.kernel.errors import BadInput, Conflict
from app.orders.models import Order
from app.payments import refunds
from app.payments.models import Payment

CHANGED = "Something moved since you looked: a copy was bought, packed or withdrawn. Look at it once more, then say yes."


def deliver(session: Session, run_id: int, said: Said, shown: str, now: datetime, actor: str) -> Delivery:
    """Do what was shown; `shown` is the sign of the outlook that the person agreed to.

    Raises NotFound, BadInput, and Conflict when something stands against it or it comes to something else by now.
    """
    runs.locked(session, run_id)
    first = _agreed(session, run_id, said, shown)
    lock_orders(session, {each.order_id for each in (*first.made_good, *first.offered) if each.order_id is not None})
    plan = _agreed(session, run_id, said, shown)
    delivery = Delivery(
        run_id=run_id,
        at=now,
        actor=actor,
        came=plan.expected - plan.missing,
        expected=plan.expected,
        by_number=said.came is None,
        unanswered=said.unanswered,
        answer_by=said.answer_by(now),
        promise=said.promise,
        words=said.words,
    )
    session.add(delivery)
    session.flush()
    why = f"{shortfalls.WHY}: {said.words}" if said.words else shortfalls.WHY
    for each in (*plan.reserve, *plan.free):
        claims.withdraw(session, each.copy_id, now, actor, why)
    _make_good(session, delivery, plan.made_good, now, actor, why)
    _offer(session, delivery, plan.offered, now)
    return delivery


def _agreed(session: Session, run_id: int, said: Said, shown: str) -> Outlook:
    plan = outlook(session, run_id, said)
    if plan.why_not:
        raise Conflict(" ".join(plan.why_not))
    if plan.missing == 0:
        raise BadInput("", {"missing": "Nothing of this is missing."})
    if plan.sign != shown:
        raise Conflict(CHANGED)
    return plan


def lock_orders(session: Session, order_ids: Iterable[int]) -> None:
    """The orders and parcels on which it falls, in the sequence of all locks, and each kind by key."""
    ids = sorted(order_ids)
    for kind, of in ((Payment, Payment.order_id), (Order, Order.id), (Parcel, Parcel.order_id)):
        mine = select(kind).where(of.in_(ids)).order_by(kind.id).with_for_update(of=kind)
        session.scalars(mine, execution_options={"populate_existing": True}).all()


def _row(session: Session, delivery: Delivery, each: OnShelf, now: datetime) -> Shortfall:
    row = Shortfall(
        delivery_id=delivery.id,
        copy_id=each.copy_id,
        order_line_id=each.line_id,
        state=ShortfallState.OFFERED,
        offered_at=now,
        answered_by="",
        words="",
        trouble="",
    )
    session.add(row)
    session.flush()
    return row


def _make_good(session: Session, delivery: Delivery, sold: Sequence[OnShelf], now: datetime, actor: str, why: str) -> None:
    """One of the reserve takes the number of each; the fans are told, and need not do anything."""
    for order_id, copies in _of_orders(sold).items():
        rows = []
        for each in copies:
            rows.append(_row(session, delivery, each, now).id)
            new = claims.replace(session, each.copy_id, now, actor, why, "one that did not come")
            refunds.follow_copy(session, each.copy_id, new.id)
        shortfall_letters.tell_first(session, Say.REPLACED, order_id, rows, delivery.id, now)


def _offer(session: Session, delivery: Delivery, sold: Sequence[OnShelf], now: datetime) -> None:
    """Ask each of the fans, earliest purchase first; one letter per order."""
    for order_id, copies in _of_orders(sold).items():
        rows = [_row(session, delivery, each, now).id for each in copies]
        shortfall_letters.tell_first(session, Say.OFFER, order_id, rows, delivery.id, now)


def _of_orders(sold: Sequence[OnShelf]) -> dict[int, list[OnShelf]]:
    """The copies of each order, in order of purchase."""
    found: dict[int, list[OnShelf]] = {}
    for each in sold:
        found.setdefault(each.order_id or 0, []).append(each)
    return found
