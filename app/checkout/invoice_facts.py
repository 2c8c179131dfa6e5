"""What an invoice or a credit note says, as it is kept: who, what, which copies, and the VAT in it by rate."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import senders
from app.inventory import counts
from app.inventory.models import Copy
from app.inventory.numbers import numbered
from app.orders.models import Order, OrderLine
from app.orders.vat_models import OrderTax, TaxedAs, VatSettings
from app.payments.models import PartKind, Payment, Refund, RefundPart

Json = dict[str, Any]


def head(session: Session, order: Order, kept: VatSettings, now: datetime) -> Json:
    """Who writes it, about which order, when, and as what it was taxed."""
    sender = senders.sender(session, order.label)
    town = " ".join(filter(None, (sender.postal_code, sender.city)))
    seller = (sender.name, sender.line1, sender.line2, town, sender.region, _country(sender.country))
    zone = ZoneInfo(order.label.time_zone)
    paid = session.scalar(select(Payment.ended_at).where(Payment.order_id == order.id))
    as_what = session.scalars(select(OrderTax.taxed_as).where(OrderTax.order_id == order.id).limit(1)).one()
    return {
        "label": order.label.name,
        "seller": [line for line in seller if line],
        "email": sender.email,
        "vat_number": sender.vat_number,
        "tax_number": kept.tax_number,
        "order": order.reference,
        "placed_on": f"{order.placed_at.astimezone(zone):%Y-%m-%d}",
        "paid_on": f"{paid.astimezone(zone):%Y-%m-%d}" if paid else "",
        "issued_on": f"{now.astimezone(zone):%Y-%m-%d}",
        "currency": order.currency,
        "taxed_as": as_what.value,
        "sentence": kept.sentence if as_what is TaxedAs.NONE else "",
        "goes_to": _country(order.country) if order.country else "",
    }


def buyer(order: Order) -> Iterator[str]:
    """Whose it is, a line each, as the address was."""
    town = " ".join(filter(None, (order.postal_code, order.city)))
    country = _country(order.country) if order.country else ""
    yield from filter(None, (order.name, order.line1, order.line2, town, order.region, country))


def lines(session: Session, order: Order) -> Iterator[Json]:
    """What was bought, with the numbers of the copies, and the postage."""
    numbers = counts.numbers_of_lines(session, [line.id for line in order.lines])
    for line in order.lines:
        copies = numbered(numbers.get(line.id, ()), line.run.last_number)
        yield _line(line.title, copies, line.quantity, line.unit_amount)
    if order.postage_amount:
        yield _line(f"Postage: {order.postage_name}", "", 1, order.postage_amount)


def back(session: Session, refund: Refund) -> Iterator[Json]:
    """What a refund is for: each copy by its number."""
    for part in refund.parts:
        if part.amount:
            yield _line(*_called(session, part), 1, part.amount)


def _called(session: Session, part: RefundPart) -> tuple[str, str]:
    if part.kind is not PartKind.COPY:
        return ("Postage" if part.kind is PartKind.POSTAGE else "A part of what was paid"), ""
    line, copy = session.get_one(OrderLine, part.order_line_id), session.get_one(Copy, part.copy_id)
    return line.title, numbered([copy.number] if copy.number is not None else [], line.run.last_number)


def _line(text: str, copies: str, quantity: int, unit: int) -> Json:
    return {"text": text, "copies": copies, "quantity": quantity, "unit": unit, "amount": unit * quantity}


def by_rate(rows: Any) -> list[Json]:
    """Net and tax for each country and rate, in the sequence in which they occur."""
    sums: dict[tuple[str, int], list[int]] = {}
    for country, rate, net, tax in rows:
        found = sums.setdefault((country, rate), [0, 0])
        found[0], found[1] = found[0] + net, found[1] + tax
    return [
        {"country": _country(country), "rate": rate, "net": net, "tax": tax}
        for (country, rate), (net, tax) in sums.items()
        if net or tax
    ]


def _country(code: str) -> str:
    return str(Locale.parse("en").territories.get(code, code))
