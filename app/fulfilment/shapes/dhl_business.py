"""Post & DHL Geschäftskundenportal, "Versenden": the template "DHL Vorlage Sendungsdatenimport".

Heads, sequence, ISO-8859-1, semicolons, weight with a decimal comma and DD.MM.YYYY: a partner of DHL's writes that template in its
Wunschpaket SDK (Mediaopt, `CsvExporter`, found in public code on 2026-11-29), and two shops that use it agree. That a state goes
into "Provinz", and that parcels to the USA need HS code and origin:
https://www.dhl.de/de/geschaeftskunden/portal/kundendesktop/intern/seiten/hilfe-information-5df7b5/versenden.html (2026-11-29).
"""

from app.fulfilment.posting import Posting, Thing
from app.fulfilment.shapes.shape import Cell, Column, Mend, Shape, alpha3, kilograms, major, on_customs, phone

_THINGS = 6  # the template has room for six kinds


def _comma(text: str) -> str:
    return text.replace(".", ",")


def _nth(at: int, text: Cell) -> Cell:
    """A cell of the parcel's nth thing."""
    return on_customs(lambda p, _t: text(p, p.things[at]) if at < len(p.things) else "")


def _things() -> tuple[Column, ...]:
    kinds: tuple[tuple[str, Cell, int | None], ...] = (
        ("Beschreibung", lambda _p, t: t.what[:256], 256),
        ("Menge", lambda _p, t: str(t.pieces), None),
        ("Zollwert", lambda _p, t: _comma(major(t.value)), None),
        ("Ursprungsland", lambda _p, t: alpha3(t.origin), None),
        ("Zolltarifnummer", lambda _p, t: t.hs_code, 11),
        ("Gewicht", lambda _p, t: _comma(kilograms(t.weight)), None),
    )
    return tuple(
        Column(f"Sendungsdokumente - {head} (WP{at + 1})", _nth(at, text), most, mend=Mend.RUN)
        for at in range(_THINGS)
        for head, text, most in kinds
    )


def _content(posting: Posting, _thing: Thing) -> str:
    return ", ".join(dict.fromkeys(thing.what for thing in posting.things))[:80]


DHL_BUSINESS = Shape(
    key="dhl-business",
    name="DHL Geschäftskundenportal",
    carrier="DHL",
    source="DHL Vorlage Sendungsdatenimport, as written by Mediaopt's Wunschpaket SDK",
    looked_up="2026-11-29",
    unsure="Lengths are those of DHL's shipping interface. Product and billing number are yours to choose in the portal.",
    encoding="iso-8859-1",
    signs="iso-8859-1",
    delimiter=";",
    posts_from=frozenset({"DE"}),
    number_for=frozenset({"DE"}),
    heaviest=31_500,
    most_things=_THINGS,
    columns=(
        Column("Sendungsreferenz", lambda p, _t: p.reference, 35),
        Column("Absender Name 1", lambda p, _t: p.sender.name, 50, must=True, called="sender's name", mend=Mend.SENDER),
        Column("Absender Name 2", lambda p, _t: p.sender.line2, 50, called="sender's second line", mend=Mend.SENDER),
        Column("Absender Straße", lambda p, _t: p.sender.street, 50, must=True, called="sender's street", mend=Mend.SENDER),
        Column("Absender Hausnummer", lambda p, _t: p.sender.house_number, 10, must=True, called="sender's house number",
               mend=Mend.SENDER),
        Column("Absender PLZ", lambda p, _t: p.sender.postal_code, 10, must=True, called="sender's postcode", mend=Mend.SENDER),
        Column("Absender Ort", lambda p, _t: p.sender.city, 40, must=True, called="sender's town", mend=Mend.SENDER),
        Column("Absender Land", lambda p, _t: alpha3(p.sender.country)),
        Column("Absender E-Mail-Adresse", lambda p, _t: p.sender.email, 80),
        Column("Absender Telefonnummer", lambda p, _t: phone(p.sender.phone), 20, called="sender's phone number", mend=Mend.SENDER),
        Column("Empfänger Name 1", lambda p, _t: p.name, 50, must=True, called="name"),
        Column("Empfänger Name 2 / Postnummer", lambda p, _t: p.line2, 50, called="second line"),
        Column("Empfänger Straße", lambda p, _t: p.street, 50, must=True, called="street"),
        Column("Empfänger Hausnummer", lambda p, _t: p.house_number, 10, called="house number"),
        Column("Empfänger PLZ", lambda p, _t: p.postal_code, 10, called="postcode"),
        Column("Empfänger Ort", lambda p, _t: p.city, 40, must=True, called="town"),
        Column("Empfänger Provinz", lambda p, _t: p.region, 20, called="region"),
        Column("Empfänger Land", lambda p, _t: alpha3(p.country)),
        Column("Empfänger E-Mail-Adresse", lambda p, _t: p.email, 80, called="e-mail address"),
        Column("Gewicht", lambda p, _t: _comma(kilograms(p.weight, 4))),
        Column("Sendungsdokumente - Rechnungsnummer", on_customs(lambda p, _t: p.reference), 35),
        Column("Sendungsdokumente - Sendungsart", on_customs(lambda _p, _t: "COMMERCIAL_GOODS")),
        Column("Sendungsdokumente - Beschreibung", on_customs(_content), 80),
        Column("Sendungsdokumente - Entgelte", on_customs(lambda p, _t: _comma(major(p.postage)))),
        Column("Sendungsdokumente - Gesamtnettogewicht", on_customs(lambda p, _t: _comma(kilograms(p.net_weight)))),
        *_things(),
    ),
)  # fmt: skip
