"""Orders of which copies may be taken out soon: a refund that says so waits for a second person."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.payments.models import Fate, Refund, RefundPart
from app.payments.states import RefundState

TAKES_OUT = RefundPart.fate.in_((Fate.PUT_BACK, Fate.WITHDRAWN))


def awaited(session: Session, order_ids: Sequence[int]) -> dict[int, int]:
    """The refund that waits, per order that has one; a parcel that is closed or leaves meanwhile makes it impossible."""
    waits = select(Refund.order_id, Refund.id).where(Refund.order_id.in_(order_ids), Refund.state == RefundState.PROPOSED)
    found = session.execute(waits.where(Refund.parts.any(TAKES_OUT)).order_by(Refund.id))
    return {order_id: refund_id for order_id, refund_id in found if order_id is not None}
