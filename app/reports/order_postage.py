"""The postage that fans paid for: what it is called, whether it is tracked, and which carrier it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from app.fulfilment.models import PostageRate
from app.inventory.models import Hold
from app.orders.models import Order
from app.payments.models import CheckoutAttempt

Way = Select[*tuple[Any, ...]]


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
    found = with_rate(select(Order.id, PostageRate)).where(Order.id.in_([order.id for order in orders]))
    rates: dict[int, PostageRate | None] = dict(session.execute(found).all())
    return {order.id: paid(order, rates.get(order.id)) for order in orders}


def with_rate(wanted: Way) -> Way:
    """Such a select of orders, joined to the rate that was paid for: it stands in the quote agreed to, or, where Stripe was not
    asked, on the hold.
    """
    agreed = CheckoutAttempt.quote["postage"]["rate_id"].as_integer()
    rate_id = case((CheckoutAttempt.id.is_(None), Hold.rate_id), else_=agreed)
    return (
        wanted.join(Hold, Hold.id == Order.hold_id)
        .outerjoin(CheckoutAttempt, CheckoutAttempt.id == Order.attempt_id)
        .outerjoin(PostageRate, PostageRate.id == rate_id)
    )


def paid(order: Order, rate: PostageRate | None) -> PaidPostage:
    """An order's postage, its rate being at hand."""
    return PaidPostage(order.postage_name, rate.tracked if rate else None, rate.carrier if rate else "")
