"""Whether an order leaves together with others, what goes back for that, and what may be done about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import apart, shared_postage
from app.checkout.one_parcel import GRACE
from app.fulfilment import together
from app.fulfilment.models import JoinedParcel, Parcel, ParcelState, SharedPostage
from app.kernel.money import Money
from app.orders.models import Order, OrderState


@dataclass(frozen=True)
class Shared:
    """An order's parcel: `others` are the (id, reference) of the orders that leave in it as well.

    `goes_back` is what goes back of this order's postage at `at`; `went_back` what did for all of them. The fan `may_part` it, or
    let it `may_join` others again; `awaits` others: what the fan orders from here joins it.
    """

    others: tuple[tuple[int, str], ...] = ()
    goes_back: Money | None = None
    at: datetime | None = None
    went_back: Money | None = None
    may_part: bool = False
    may_join: bool = False
    awaits: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """The numbers of the other orders."""
        return tuple(reference for _, reference in self.others)


def shared_parcel(session: Session, order: Order, parcel: Parcel) -> Shared:
    """The parcel of this order."""
    members = together.members(session, order.id) if order.state is OrderState.PLACED else []
    still = apart.may_fan(order, parcel)
    if len(members) < 2:
        open_to = still and not parcel.alone and order.label.joins_orders
        return Shared(may_part=open_to, may_join=still and parcel.alone, awaits=open_to)
    orders = together.orders(session, order.id)
    went_back = shared_postage.gone(session, [each.id for each in orders])
    joined_at = session.scalar(select(JoinedParcel.at).where(JoinedParcel.parcel_id == parcel.id))
    own = session.get(SharedPostage, order.id)
    waits = joined_at is not None and own is None and parcel.state is not ParcelState.SENT
    amount = shared_postage.saved(session, order, orders) if waits else 0
    return Shared(
        others=tuple((each.id, each.reference) for each in orders if each.id != order.id),
        goes_back=Money(amount, order.currency) if amount else None,
        at=joined_at + GRACE if joined_at else None,
        went_back=Money(went_back, order.currency) if went_back else None,
        may_part=still and not went_back,
    )
