"""What a page or letter says of the VAT in a total: by rate, and why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.orders.models import Order
from app.orders.taxes import taxes
from app.orders.totals import Quote
from app.orders.vat_models import OrderTax, TaxedAs, VatSettings
from app.reports import countries


@dataclass(frozen=True)
class VatPart:
    """What is taxed at one rate: `percent` as people write it, `country` by its name."""

    percent: str
    country: str
    net: Money
    tax: Money


@dataclass(frozen=True)
class VatShown:
    """As what a total is taxed, the parts by rate, and what a label without VAT says; `added` where it comes on top."""

    taxed_as: TaxedAs
    parts: tuple[VatPart, ...]
    sentence: str
    added: bool = False


def of_quote(quote: Quote, sentence: str) -> VatShown:
    """Of what a hold costs; what Stripe Tax will count nobody knows yet."""
    if quote.levy is not None and quote.levy.taxed_as is TaxedAs.STRIPE:
        return VatShown(TaxedAs.STRIPE, (), sentence)
    rows = [(row.taxed_as, row.country, row.rate, row.net, row.tax) for row in taxes(quote)]
    return _shown(rows, quote.total.currency, sentence, added=quote.added.amount > 0)


def of_order(session: Session, order: Order) -> VatShown:
    """Of an order, as it was frozen."""
    found = (
        select(OrderTax, VatSettings.sentence)
        .outerjoin(VatSettings, VatSettings.label_id == order.label_id)
        .where(OrderTax.order_id == order.id)
        .order_by(OrderTax.id)
    )
    rows = session.execute(found).all()
    taxed = [(row.taxed_as, row.country, row.rate, row.net, row.tax) for row, _ in rows]
    return _shown(taxed, order.currency, next((sentence for _, sentence in rows), None) or "")


def percent(rate: int) -> str:
    """A rate in basis points as people write it: 1900 is 19, 550 is 5.5."""
    return f"{Decimal(rate).scaleb(-2).normalize():f}"


def _shown(rows: Iterable[tuple[TaxedAs, str, int, int, int]], currency: str, sentence: str, *, added: bool = False) -> VatShown:
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    as_what = TaxedAs.UNSAID
    for taxed_as, country, rate, net, tax in rows:
        as_what = taxed_as
        before = sums.get((rate, country), (0, 0))
        sums[rate, country] = (before[0] + net, before[1] + tax)
    parts = tuple(
        VatPart(percent(rate), countries.name(country), Money(net, currency), Money(tax, currency))
        for (rate, country), (net, tax) in sorted(sums.items(), reverse=True)
        if net + tax and as_what in _TAXED
    )
    return VatShown(as_what, parts, sentence, added)


_TAXED = (TaxedAs.HOME, TaxedAs.OSS, TaxedAs.STRIPE)
