"""Pirate Ship: "Upload a spreadsheet". Columns are matched when a file is uploaded, so their names are free.

Which fields there are (name, address, address2, city, state, zip, country, company, email, order id, weight):
https://glama.ai/mcp/connectors/dev.cotlet/cotlet/tools/pirate-ship_create_batch (2026-11-29), somebody else's tool that speaks to
Pirate Ship. Its own help page on spreadsheets could not be read.
"""

from app.fulfilment.posting import Posting, Thing
from app.fulfilment.shapes.shape import Column, Mend, Shape, major, on_customs, phone

_GRAMS_PER_OUNCE = 28.349523125
# Where the post of the United States delivers as at home.
_AT_HOME = frozenset(["US", "PR", "GU", "VI", "AS", "MP"])


def _ounces(posting: Posting, _thing: Thing) -> str:
    return f"{posting.weight / _GRAMS_PER_OUNCE:.1f}"


PIRATE_SHIP = Shape(
    key="pirate-ship",
    name="Pirate Ship",
    carrier="USPS",
    takes=("UPS",),
    source="https://glama.ai/mcp/connectors/dev.cotlet/cotlet/tools/pirate-ship_create_batch",
    looked_up="2026-11-29",
    unsure="Pirate Ship asks at the upload which column is which. How it takes customs data that way could not be confirmed.",
    posts_from=_AT_HOME,
    line_per_thing=True,
    columns=(
        Column("Order ID", lambda p, _t: p.reference, 50),
        Column("Name", lambda p, _t: p.name, 100, must=True, called="name"),
        Column("Email", lambda p, _t: p.email, called="e-mail address"),
        Column("Phone", lambda p, _t: phone(p.sender.phone), mend=Mend.SENDER, called="phone number"),
        Column("Address", lambda p, _t: p.line1, 100, must=True, called="street"),
        Column("Address Line 2", lambda p, _t: p.line2, 100, called="second line"),
        Column("City", lambda p, _t: p.city, 100, must=True, called="town"),
        Column("State", lambda p, _t: p.region, called="region"),
        Column("Zipcode", lambda p, _t: p.postal_code, called="postcode"),
        Column("Country", lambda p, _t: p.country),
        Column("Ounces", _ounces),
        Column("Item Description", on_customs(lambda _p, t: t.what[:50])),
        Column("Item Quantity", on_customs(lambda _p, t: str(t.pieces))),
        Column("Item Value", on_customs(lambda _p, t: major(t.value))),
        Column("Item Weight Ounces", on_customs(lambda _p, t: f"{t.weight / _GRAMS_PER_OUNCE:.1f}")),
        Column("HS Code", on_customs(lambda _p, t: t.hs_code)),
        Column("Country of Origin", on_customs(lambda _p, t: t.origin)),
        Column("IOSS Number", on_customs(lambda p, _t: p.sender.ioss_number)),
    ),
)
