"""A fan cancels the copies of a pre-order that slipped too far, free of charge, until its parcel is packed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import audit
from app.catalogue.models import Run
from app.checkout import cancel, refund
from app.checkout.parts import Choice, Plan
from app.checkout.refund import By
from app.fulfilment import again
from app.fulfilment.models import ParcelState
from app.fulfilment.preorder_rows import WayOut
from app.inventory import claims, counts
from app.kernel.errors import Conflict, NotFound, Refusal
from app.kernel.money import Money
from app.orders import placing
from app.orders.models import Order
from app.payments import ledger
from app.payments.models import Fate, Payment, RefundOrigin

UNTIL = frozenset({ParcelState.OPEN, ParcelState.LOCKED})
REASON = "the pre-order slipped, and the fan cancelled"
TAKEN = "order.way_out_taken"


@dataclass(frozen=True)
class Terms:
    """What taking the way out comes to: the whole order goes, or only the copies of the run; what is paid back.

    `promised`: the money is not taken yet, so that it is let go and not paid back.
    """

    back: Money
    whole: bool = False
    promised: bool = False


def terms(session: Session, order: Order, run_id: int, parcel: ParcelState, payment: Payment | None) -> Terms | None:
    """What it would come to now; None where it cannot be taken here: packed, disputed, or something the label has to answer."""
    book = ledger.of(session, payment) if payment is not None else None
    if not cancel.may_fan(order, parcel, disputed=book is not None and book.disputed, before=UNTIL):
        return None
    mine, others = _copies(session, order, run_id)
    if not mine or again.stands_for(session, order.id):
        return None
    if not others:
        promised = payment is not None and book is not None and not book.left
        return Terms(Money(book.left if book else 0, order.currency), whole=True, promised=promised)
    try:
        comes_to = refund.outlook(session, refund.look(session, order), _plan(mine))
    except Refusal:
        return None
    return Terms(comes_to.amount)


def take(session: Session, order_id: int, run_id: int, shown: int, now: datetime) -> None:
    """Cancel, as the terms say; `shown` is what the fan was told comes back, in minor units.

    Raises NotFound where there is no way out, Conflict when it was taken or comes to something else, and what cancelling does.
    """
    payment = ledger.of_order(session, order_id)
    order = placing.locked(session, order_id)
    way = session.get(WayOut, (order_id, run_id), with_for_update=True, populate_existing=True)
    if way is None:
        raise NotFound("This order has no free way out.")
    if way.taken_at is not None:
        raise Conflict("That is cancelled already.")
    mine, others = _copies(session, order, run_id)
    if not others:
        _check_shown(Money(ledger.of(session, payment).left if payment is not None else 0, order.currency), shown)
        cancel.cancel_by_fan(session, order_id, now, before=UNTIL)
    else:
        _some(session, order, mine, shown, now)
    way.taken_at = now
    run = session.get_one(Run, run_id)
    what = {"number": order.reference, "run": run.slug}
    audit.note(session, TAKEN, "order", order_id, now=now, staff_id=None, label_id=order.label_id, **what)


def _some(session: Session, order: Order, copies: list[int], shown: int, now: datetime) -> None:
    """Only the copies of the run, at their price; the rest is still posted, and so its postage stays."""
    folder = refund.locked(session, order.id)
    if not cancel.may_fan(order, folder.parcel.state, disputed=False, before=UNTIL):
        raise Conflict(f"This order cannot be changed here any more. Write to {order.label.email}.")
    plan = _plan(copies)
    _check_shown(refund.outlook(session, folder, plan).amount, shown)
    refund.ask(session, order.id, plan, shown, By(RefundOrigin.FAN, claims.FAN, REASON), now)


def _copies(session: Session, order: Order, run_id: int) -> tuple[list[int], list[int]]:
    """The copies of the run that are still the order's, and its others."""
    of_run = {line.id for line in order.lines if line.run_id == run_id}
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    mine = [each.copy_id for each in owned if each.order_line_id in of_run]
    return mine, [each.copy_id for each in owned if each.order_line_id not in of_run]


def _plan(copies: list[int]) -> Plan:
    return Plan({copy_id: Choice(Fate.PUT_BACK) for copy_id in copies})


def _check_shown(back: Money, shown: int) -> None:
    if back.amount != shown:
        raise Conflict(f"It comes to {back.format()} by now, not to what you were shown. Look again.")
