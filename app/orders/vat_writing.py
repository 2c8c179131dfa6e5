"""How a label keeps VAT and the rates of its own: kept when they can be, refused in plain words when not."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Conflict, NotFound
from app.orders import vat
from app.orders.levy import UNION
from app.orders.vat_models import Invoice, InvoiceKind, VatKind, VatRate, VatSettings, VatWay
from app.orders.vat_rates import Rate, in_force

BY_RATES = (VatWay.HOME, VatWay.DESTINATION)
_PREFIX = re.compile(r"[A-Za-z0-9./_-]{0,12}")


@dataclass(frozen=True)
class VatWords:
    """What the form of VAT holds, already trimmed."""

    way: VatWay
    exclusive: bool = False
    sentence: str = ""
    tax_number: str = ""
    invoices: bool = False
    invoice_prefix: str = ""
    credit_prefix: str = ""


@dataclass(frozen=True)
class Issuer:
    """What invoices need to know of a label besides: does it have an address, and a VAT number?"""

    has_address: bool
    has_vat_number: bool


def words(session: Session, label_id: int) -> VatWords | None:
    """What was kept for a label; None before it has said."""
    row = vat.settings(session, label_id)
    return VatWords(**{name: getattr(row, name) for name in VatWords.__dataclass_fields__}) if row else None


def write(session: Session, label: Label, said: VatWords, issuer: Issuer, today: date) -> None:
    """Keep how a label keeps VAT; orders that exist stay taxed as they were. BadInput names every field that cannot be."""
    said = replace(said, exclusive=said.exclusive and said.way in BY_RATES)
    _check(session, label, said, issuer, today)
    row = vat.settings(session, label.id)
    if row is None:
        session.add(VatSettings(label_id=label.id, **asdict(said)))
    else:
        for name, value in asdict(said).items():
            setattr(row, name, value)
    session.flush()


def add_rate(session: Session, label: Label, rate: Rate) -> VatRate:
    """A rate of the label's own. BadInput for one that cannot be, or that it has added already."""
    wrong = {}
    if not re.fullmatch(r"[A-Z]{2}", rate.country):
        wrong["country"] = "Choose a country from the list."
    if not 0 <= rate.basis_points < 10_000:
        wrong["rate"] = "From 0 to 99.99 per cent."
    if not 2000 <= rate.since.year < 2200:
        wrong["since"] = "A day as 2027-01-01."
    if wrong:
        raise BadInput("", wrong)
    row = VatRate(
        label_id=label.id, country=rate.country, kind=rate.kind, rate=rate.basis_points, since=rate.since, source=rate.source
    )
    with refusing(session, {"since": "There is a rate of yours for that country from that day. Remove it first."}):
        session.add(row)
    return row


def remove_rate(session: Session, label: Label, rate_id: int, today: date) -> VatRate:
    """Take a rate of the label's own away. NotFound, or Conflict when none would be left for where it is at home."""
    row = session.get(VatRate, rate_id)
    if row is None or row.label_id != label.id:
        raise NotFound("There is no such rate.")
    session.delete(row)
    session.flush()
    kept = words(session, label.id)
    if kept and kept.way in BY_RATES and not _known_at_home(session, label, today):
        raise Conflict("Then no rate would be known for where you are at home. Add another one first.")
    return row


def check_home(session: Session, label: Label, today: date) -> None:
    """BadInput when a label cannot keep VAT as it says from the country where it is at home by now: nothing would be taxed."""
    kept = words(session, label.id)
    if kept is None or kept.way not in BY_RATES:
        return
    if not _known_at_home(session, label, today):
        sentence = f"No rate of VAT is known here for {label.country}. Add yours under VAT first, or keep it another way there."
        raise BadInput("", {"country": sentence})
    if kept.way is VatWay.DESTINATION and label.country not in UNION:
        sentence = "You keep VAT by the one-stop shop, which is for labels within the European Union. Change that first."
        raise BadInput("", {"country": sentence})


def _check(session: Session, label: Label, said: VatWords, issuer: Issuer, today: date) -> None:
    wrong = {}
    if said.way in BY_RATES and not _known_at_home(session, label, today):
        wrong["way"] = f"No rate of VAT is known here for {label.country}. Add yours below, then choose this."
    if said.way is VatWay.DESTINATION and label.country not in UNION:
        wrong["way"] = "The one-stop shop is for labels within the European Union. Choose the home rate."
    if said.way is VatWay.NONE and not said.sentence:
        wrong["sentence"] = "Say in a sentence why you charge none; it is printed where others print their VAT."
    for name in ("invoice_prefix", "credit_prefix"):
        if not _PREFIX.fullmatch(getattr(said, name)):
            wrong[name] = "At most twelve letters, digits, hyphens, dots or slashes."
    if said.invoices and said.invoice_prefix == said.credit_prefix:
        wrong["credit_prefix"] = "Another one than for invoices, so that no two of them have one number."
    numbered = {"invoice_prefix": InvoiceKind.CREDIT_NOTE, "credit_prefix": InvoiceKind.INVOICE}
    for name, other in numbered.items():
        if said.invoices and _numbered_so(session, label.id, other, getattr(said, name)):
            wrong[name] = "The other kind has been numbered so before. Choose another beginning, so that no two have one number."
    if said.invoices and not issuer.has_address:
        wrong["invoices"] = "An invoice needs your address. Fill in “Sender and customs” under Postage first."
    if said.invoices and not (issuer.has_vat_number or said.tax_number):
        wrong["tax_number"] = "An invoice needs a VAT number (under “Sender and customs”) or this one."
    if wrong:
        raise BadInput("", wrong)


def _numbered_so(session: Session, label_id: int, kind: InvoiceKind, prefix: str) -> bool:
    mine = select(Invoice.id).where(Invoice.label_id == label_id, Invoice.kind == kind, Invoice.prefix == prefix)
    return session.scalar(mine.limit(1)) is not None


def _known_at_home(session: Session, label: Label, today: date) -> bool:
    return in_force(label.country, VatKind.STANDARD, today, vat.own_rates(session, label.id)) is not None
