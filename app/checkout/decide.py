"""Decide what becomes of copies whose money went back: those of an order that the dashboard cancelled, and goods returns."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import goods
from app.checkout.parts import CHANGED, Choice
from app.fulfilment import parcels
from app.fulfilment.models import ParcelState
from app.inventory import counts
from app.kernel.errors import BadInput, Conflict
from app.orders import placing
from app.orders.models import Order, OrderState
from app.payments import ledger
from app.payments.models import Fate, Refund, RefundPart
from app.payments.states import RefundState

_NOT_DONE = (RefundState.PROPOSED, RefundState.DECLINED, RefundState.REPEATED)


def decide(session: Session, order_id: int, copies: Mapping[int, Choice], actor: str, now: datetime) -> int:
    """Put copies back or withdraw them, those of a shipped order when they came back; how many. NotFound, BadInput or Conflict."""
    ledger.of_order(session, order_id)
    order = placing.locked(session, order_id)
    parcel = parcels.locked(session, order_id)
    if order.state is OrderState.PLACED and parcel.state is not ParcelState.SENT:
        raise Conflict("This order has not left yet. To take its copies out, cancel it.")
    open_parts = {part.copy_id: part for part in waiting(session, order)}
    chosen = {copy_id: choice for copy_id, choice in copies.items() if choice.fate is not Fate.KEPT}
    if not chosen:
        raise BadInput("Choose at least one copy, and what becomes of it.")
    if not chosen.keys() <= open_parts.keys():
        raise Conflict(CHANGED)
    for copy_id, choice in chosen.items():
        open_parts[copy_id].fate, open_parts[copy_id].words = choice.fate, choice.words
    came_back = order.state is OrderState.PLACED
    goods.move(session, order, [open_parts[each] for each in chosen], now, actor, "came back" if came_back else "order cancelled")
    return len(chosen)


def waiting(session: Session, order: Order) -> list[RefundPart]:
    """The parts of refunds whose copies the order still owns: undecided ones, and those that stayed with the fan."""
    owned = [each.copy_id for each in counts.owned_by_lines(session, [line.id for line in order.lines])]
    mine = (
        select(RefundPart)
        .join(Refund, Refund.id == RefundPart.refund_id)
        .where(Refund.order_id == order.id, Refund.state.not_in(_NOT_DONE), RefundPart.copy_id.in_(owned))
        .where(RefundPart.fate.in_((Fate.KEPT, Fate.UNDECIDED)))
    )
    return list(session.scalars(mine.order_by(RefundPart.id)))
