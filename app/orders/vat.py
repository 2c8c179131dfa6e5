"""How a label keeps VAT, read for a sale, and what an order was taxed, frozen as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.kernel.ready import Ready
from app.kernel.schema import table
from app.orders.levy import Levy, levy
from app.orders.models import Order
from app.orders.taxes import Tax
from app.orders.vat_models import OrderTax, VatRate, VatSettings, VatWay
from app.orders.vat_rates import Rate

_BY_RATES = (VatWay.HOME, VatWay.DESTINATION)
_RATES, _SETTINGS = table(VatRate).c, table(VatSettings).c
_OWN = Ready(
    select(*(_RATES[name] for name in ("country", "kind", "rate", "since", "source")))
    .where(_RATES.label_id == bindparam("label"))
    .order_by(_RATES.country, _RATES.kind.desc(), _RATES.since)
)
_ADDS = Ready(select(_SETTINGS.exclusive).where(_SETTINGS.label_id == bindparam("label")))


@dataclass(frozen=True)
class Keeps:
    """A label, where it is at home, and how it keeps VAT; `way` is None where it has not said."""

    label_id: int
    country: str
    time_zone: str
    way: VatWay | None
    exclusive: bool


def levy_of(session: Session, keeps: Keeps, destination: str, now: datetime) -> Levy:
    """How what the label posts to a country is taxed today, by its calendar."""
    own = own_rates(session, keeps.label_id) if keeps.way in _BY_RATES else ()
    today = now.astimezone(ZoneInfo(keeps.time_zone)).date()
    return levy(keeps.way, keeps.country, destination, today, own, exclusive=keeps.exclusive)


def own_rates(session: Session, label_id: int) -> tuple[Rate, ...]:
    """The rates that a label has added, by country, kind and day."""
    rows = _OWN.rows(session, label=label_id)
    return tuple(Rate(country, kind, rate, since, source, own=True) for country, kind, rate, since, source in rows)


def adds(session: Session, label_id: int) -> bool:
    """Does a label add VAT to its prices?"""
    return any(exclusive for (exclusive,) in _ADDS.rows(session, label=label_id))


def settings(session: Session, label_id: int) -> VatSettings | None:
    """How a label keeps VAT; None where it has not said."""
    return session.get(VatSettings, label_id)


def freeze(session: Session, order: Order, taxed: Sequence[Tax]) -> None:
    """Keep what an order that has just been placed was taxed; rows of lines name them by their place."""
    rows = [
        {
            "order_id": order.id,
            "order_line_id": order.lines[tax.line].id if tax.line is not None else None,
            "taxed_as": tax.taxed_as,
            "country": tax.country,
            "kind": tax.kind,
            "rate": tax.rate,
            "net": tax.net,
            "tax": tax.tax,
        }
        for tax in taxed
    ]
    session.execute(insert(OrderTax), rows)
