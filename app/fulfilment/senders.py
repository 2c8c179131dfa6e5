"""Who posts a label's parcels, and its numbers with customs: kept, and read."""

import re
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.fulfilment import postcodes
from app.fulfilment.models import Sender
from app.fulfilment.posting import From
from app.kernel.errors import BadInput

# IM and ten digits: https://taxation-customs.ec.europa.eu/taxation/vat/vat-e-commerce_en (looked up 2026-11-29).
_IOSS = re.compile(r"IM\d{10}", re.ASCII)
_EORI = re.compile(r"[A-Z]{2}[A-Z0-9]{1,15}", re.ASCII)
_PHONE = re.compile(r"(\+|00)?[0-9][0-9 ()/.-]{4,24}", re.ASCII)


@dataclass(frozen=True)
class SenderWords:
    """What the sender's form holds, already trimmed."""

    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    region: str
    phone: str
    eori: str
    vat_number: str
    ioss_number: str
    duties_prepaid: bool


def sender(session: Session, label: Label) -> From:
    """Who posts this label's parcels; the label's own name stands in until somebody says more."""
    said = asdict(words(session, label.id))
    name, prepaid = said.pop("name"), said.pop("duties_prepaid")
    return From(name=name or label.name, country=label.country, email=label.email, prepaid=prepaid, **said)


def words(session: Session, label_id: int) -> SenderWords:
    """What was kept for this label; empty before anything was."""
    row = session.get(Sender, label_id)
    if row is None:
        return SenderWords(**dict.fromkeys(_TEXTS, ""), duties_prepaid=False)
    return SenderWords(**{name: getattr(row, name) for name in SenderWords.__dataclass_fields__})


def write(session: Session, label: Label, words: SenderWords) -> None:
    """Keep who posts this label's parcels. BadInput names every field that cannot be."""
    _check(label, words)
    row = session.get(Sender, label.id)
    if row is None:
        session.add(Sender(label_id=label.id, **asdict(words)))
    else:
        for name, value in asdict(words).items():
            setattr(row, name, value)
    session.flush()


_TEXTS = tuple(name for name in SenderWords.__dataclass_fields__ if name != "duties_prepaid")


def _check(label: Label, words: SenderWords) -> None:
    wrong = {}
    if words.postal_code and postcodes.wrong(label.country, words.postal_code):
        wrong["postal_code"] = f"That is no postcode of {label.country}. One there looks like {postcodes.example(label.country)}."
    if words.phone and not _PHONE.fullmatch(words.phone):
        wrong["phone"] = "Digits, with the country in front: +49 30 123456."
    if words.eori and not _EORI.fullmatch(words.eori):
        wrong["eori"] = "Two letters for the country and up to 15 letters or digits: DE1234567."
    if words.ioss_number and not _IOSS.fullmatch(words.ioss_number):
        wrong["ioss_number"] = "IM and ten digits: IM2760000742."
    if wrong:
        raise BadInput("", wrong)
