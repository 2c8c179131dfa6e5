"""Royal Mail Click & Drop: "Order import spreadsheet field specifications".

Heads of the order, lengths, the country's full name, weight in kilograms, sizes of amounts, Roman letters in names:
https://help.parcel.royalmail.com/hc/en-gb/articles/360000250093-Order-Import-spreadsheet-field-specifications (2026-11-29).
"""

from babel import Locale

from app.fulfilment.shapes.shape import Column, Mend, Shape, kilograms, major, on_customs, phone

_NAMES = Locale.parse("en").territories

ROYAL_MAIL = Shape(
    key="royal-mail",
    name="Royal Mail Click & Drop",
    carrier="Royal Mail",
    source="https://help.parcel.royalmail.com/hc/en-gb/articles/360000250093-Order-Import-spreadsheet-field-specifications",
    looked_up="2026-11-29",
    unsure="The names of the columns of the goods could not be confirmed: match them at the first import, Click & Drop keeps that.",
    signs="iso-8859-1",
    posts_from=frozenset({"GB", "GG", "JE", "IM"}),
    line_per_thing=True,
    columns=(
        Column("Order reference", lambda p, _t: p.reference, 40),
        Column("Date", lambda p, _t: f"{p.placed_on:%d/%m/%y}", 8),
        Column("Full name", lambda p, _t: p.name, 200, must=True, called="name"),
        Column("Address Line 1", lambda p, _t: p.line1, 100, must=True, called="street"),
        Column("Address Line 2", lambda p, _t: p.line2, 100, called="second line"),
        Column("City", lambda p, _t: p.city, 100, must=True, called="town"),
        Column("County", lambda p, _t: p.region, 100, called="region"),
        Column("Postcode", lambda p, _t: p.postal_code, 20, called="postcode"),
        Column("Country", lambda p, _t: str(_NAMES.get(p.country, p.country)), 200),
        Column("Email", lambda p, _t: p.email, 100, called="e-mail address"),
        Column("Phone", lambda p, _t: phone(p.sender.phone), 25, called="phone number", mend=Mend.SENDER),
        Column("Weight", lambda p, _t: kilograms(p.weight)),
        Column("Sub-total", lambda p, _t: major(p.goods), 6, called="value of the goods"),
        Column("Shipping Cost", lambda p, _t: major(p.postage), 6, called="postage"),
        Column("Total", lambda p, _t: major(p.goods + p.postage), 6, called="total"),
        Column("Currency Code", lambda p, _t: p.postage.currency, 20),
        Column("SKU", lambda _p, t: t.sku, 100),
        Column("Product name", lambda _p, t: t.what[:150]),
        Column("Quantity", lambda _p, t: str(t.pieces)),
        Column("Unit price", lambda _p, t: major(t.value)),
        Column("Unit weight", lambda _p, t: kilograms(t.weight)),
        Column("Customs description", on_customs(lambda _p, t: t.what[:50])),
        Column("Customs code", on_customs(lambda _p, t: t.hs_code)),
        Column("Country of origin", on_customs(lambda _p, t: t.origin)),
        Column("IOSS number", on_customs(lambda p, _t: p.sender.ioss_number)),
        Column("EORI number", on_customs(lambda p, _t: p.sender.eori)),
    ),
)
