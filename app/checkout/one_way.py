"""How several orders could be posted in one parcel, and what that costs by the tariff of today."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.checkout.paid_rate import rate_id
from app.fulfilment import postage
from app.fulfilment.models import PostageRate
from app.fulfilment.postage import Offer
from app.orders.models import Order


def way(session: Session, orders: Sequence[Order]) -> Offer | None:
    """The cheapest way to post them together that is no worse than any that was paid for; None where they are too heavy for all.

    No worse is: tracked if one of them is, and of the name of the dearest, or not cheaper than that.
    """
    first = orders[0]
    weight = first.label.packaging_weight + sum(line.run.weight * line.quantity for each in orders for line in each.lines)
    chosen = [rate for each in orders if (rate := session.get(PostageRate, rate_id(session, each) or 0)) is not None]
    dearest = max(chosen, key=lambda rate: (rate.amount, rate.id), default=None)
    offers = postage.offers(postage.tariff(session, first.label_id), first.country, weight, first.currency)
    fit = [offer for offer in offers if offer.tracked or not any(rate.tracked for rate in chosen)]
    if dearest is not None:
        fit = [offer for offer in fit if offer.amount.amount >= dearest.amount or offer.name == dearest.name]
    return fit[0] if fit else None
