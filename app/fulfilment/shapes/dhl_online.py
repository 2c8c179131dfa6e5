"""Post & DHL Online Frankierung, the desk of private and small senders: "Format der CSV-Importdatei".

Heads, their sequence, CP1252, semicolons, at most 100 lines: https://de.scribd.com/document/517878096/Dhl-Csv-Import (a copy of
DHL's own paper, looked up on 2026-11-29). Lengths: the Odoo module `delivery_carrier_file_dhl`; product keys: Fakturama's
`DPAddress` (both found in public code the same day). It prints no customs declaration, so only Germany and the European Union
are served.
"""

from app.fulfilment.customs import UNION
from app.fulfilment.posting import Posting, Thing
from app.fulfilment.shapes.shape import Column, Mend, Shape, alpha3

# Up to so many grams: the key where it is not tracked, and where it is; for Germany, and for the rest of the union.
_GERMANY = ((2_000, "PAECK.DEU", "PAK02.DEU"), (5_000, "PAK05.DEU", "PAK05.DEU"), (10_000, "PAK10.DEU", "PAK10.DEU"))
_UNION = ((2_000, "PAECK.EU", "PAK05.EU"), (5_000, "PAK05.EU", "PAK05.EU"), (10_000, "PAK10.EU", "PAK10.EU"))


def _product(posting: Posting, _thing: Thing) -> str:
    """The smallest product that holds it."""
    steps = _GERMANY if posting.country == "DE" else _UNION
    return next((tracked if posting.tracked else plain for most, plain, tracked in steps if posting.weight <= most), "")


DHL_ONLINE = Shape(
    key="dhl-online",
    name="DHL Online Frankierung",
    carrier="DHL",
    source="https://de.scribd.com/document/517878096/Dhl-Csv-Import",
    looked_up="2026-11-29",
    unsure="The product keys are of 2021; if DHL has new ones, choose the product again after the import.",
    encoding="cp1252",
    signs="cp1252",
    delimiter=";",
    at_once=100,
    posts_from=frozenset({"DE"}),
    serves=UNION,
    heaviest=10_000,
    declares=False,
    columns=(
        Column("SEND_NAME1", lambda p, _t: p.sender.name, 50, must=True, called="sender's name", mend=Mend.SENDER),
        Column("SEND_NAME2", lambda p, _t: p.sender.line2, 50, called="sender's second line", mend=Mend.SENDER),
        Column("SEND_STREET", lambda p, _t: p.sender.street, 50, must=True, called="sender's street", mend=Mend.SENDER),
        Column("SEND_HOUSENUMBER", lambda p, _t: p.sender.house_number, 11, must=True, called="sender's house number",
               mend=Mend.SENDER),
        Column("SEND_PLZ", lambda p, _t: p.sender.postal_code, 11, must=True, called="sender's postcode", mend=Mend.SENDER),
        Column("SEND_CITY", lambda p, _t: p.sender.city, 38, must=True, called="sender's town", mend=Mend.SENDER),
        Column("SEND_COUNTRY", lambda p, _t: alpha3(p.sender.country)),
        Column("RECV_NAME1", lambda p, _t: p.name, 50, must=True, called="name"),
        Column("RECV_NAME2", lambda p, _t: p.line2, 50, called="second line"),
        Column("RECV_STREET", lambda p, _t: p.street, 50, must=True, called="street"),
        Column("RECV_HOUSENUMBER", lambda p, _t: p.house_number, 11, must=True, called="house number"),
        Column("RECV_PLZ", lambda p, _t: p.postal_code, 11, must=True, called="postcode"),
        Column("RECV_CITY", lambda p, _t: p.city, 38, must=True, called="town"),
        Column("RECV_COUNTRY", lambda p, _t: alpha3(p.country)),
        Column("PRODUCT", _product),
        Column("COUPON", lambda _p, _t: ""),
    ),
)  # fmt: skip
