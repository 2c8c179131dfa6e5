"""The postage that fans paid for: what it is called, whether it is tracked, and which carrier it names."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment.models import PostageRate
from app.inventory.models import Hold
from app.orders.models import Order
from app.payments.models import CheckoutAttempt


@dataclass(frozen=True)
class PaidPostage:
    """A way to post as it was sold; `tracked` is None where the fan chose none and nothing was due."""

    name: str
    tracked: bool | None
    carrier: str

    @property
    def words(self) -> str:
        """Tracked or not."""
        return "" if self.tracked is None else "tracked" if self.tracked else "not tracked"


def paid_postage(session: Session, orders: Sequence[Order]) -> dict[int, PaidPostage]:
    """The postage of each order, by the order's id."""
    chosen = _rate_ids(session, [order.id for order in orders])
    rates = {rate.id: rate for rate in session.scalars(select(PostageRate).where(PostageRate.id.in_(set(chosen.values()))))}
    return {order.id: _paid(order, rates.get(chosen[order.id] or 0)) for order in orders}


def _rate_ids(session: Session, order_ids: Sequence[int]) -> dict[int, int | None]:
    """The rate that was paid for stands in the quote agreed to, or, where Stripe was not asked, on the hold."""
    found = session.execute(
        select(Order.id, CheckoutAttempt.quote, Hold.rate_id)
        .join(Hold, Hold.id == Order.hold_id)
        .outerjoin(CheckoutAttempt, CheckoutAttempt.id == Order.attempt_id)
        .where(Order.id.in_(order_ids))
    )
    return {id_: agreed["postage"]["rate_id"] if agreed else rate_id for id_, agreed, rate_id in found}


def _paid(order: Order, rate: PostageRate | None) -> PaidPostage:
    return PaidPostage(order.postage_name, rate.tracked if rate else None, rate.carrier if rate else "")
