"""What the form that corrects an order's address is filled in with."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import readdress
from app.fulfilment import postage
from app.fulfilment.models import Parcel
from app.orders.models import Order
from app.payments.facts import Address
from app.reports import countries


@dataclass(frozen=True)
class OrderAddress:
    """Where an order goes now, the codes of the countries it may go to, and may its fan still change it?"""

    address: Address
    countries: tuple[str, ...]
    fan_may: bool

    @property
    def values(self) -> dict[str, str]:
        """The fields of the form."""
        return {name: getattr(self.address, name) for name in readdress.FIELDS}

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The countries with their names."""
        return countries.named(self.countries)


def order_address(session: Session, order: Order) -> OrderAddress:
    """The form for this order; its own country is among them, whether or not it is still posted to."""
    served = postage.countries(postage.tariff(session, order.label_id), countries.EVERY)
    parcel = session.scalars(select(Parcel.state).where(Parcel.order_id == order.id)).one()
    known = tuple(dict.fromkeys(filter(None, (*served, order.country))))
    return OrderAddress(readdress.address_of(order), known, readdress.may_fan(order, parcel))
