"""Everything there is to say about a parcel, one line per kind of thing, for a carrier that we do not know.

Our own shape, so it is certain: UTF-8 with commas, decimal points, countries as ISO 3166-1 alpha-2.
"""

from app.fulfilment.shapes.shape import Column, Mend, Shape, kilograms, major, phone

GENERIC = Shape(
    key="generic",
    name="Any other carrier",
    carrier="",
    source="docs/decisions/0035-carriers-shapes.md",
    looked_up="2026-11-29",
    columns=(
        Column("reference", lambda p, _t: p.reference),
        Column("name", lambda p, _t: p.name, must=True, called="name"),
        Column("line1", lambda p, _t: p.line1, must=True, called="street"),
        Column("line2", lambda p, _t: p.line2),
        Column("postal_code", lambda p, _t: p.postal_code),
        Column("city", lambda p, _t: p.city, must=True, called="town"),
        Column("region", lambda p, _t: p.region),
        Column("country", lambda p, _t: p.country),
        Column("email", lambda p, _t: p.email),
        Column("phone", lambda p, _t: phone(p.sender.phone), mend=Mend.SENDER),
        Column("weight_kg", lambda p, _t: kilograms(p.weight)),
        Column("postage", lambda p, _t: p.postage_name),
        Column("postage_paid", lambda p, _t: major(p.postage)),
        Column("currency", lambda p, _t: p.postage.currency),
        Column("goods", lambda p, _t: major(p.goods)),
        Column("customs", lambda p, _t: "yes" if p.customs else "no"),
        Column("what", lambda _p, t: t.what),
        Column("pieces", lambda _p, t: str(t.pieces)),
        Column("unit_value", lambda _p, t: major(t.value)),
        Column("unit_weight_kg", lambda _p, t: kilograms(t.weight)),
        Column("hs_code", lambda _p, t: t.hs_code),
        Column("origin", lambda _p, t: t.origin),
        Column("ioss", lambda p, _t: p.sender.ioss_number if p.customs else ""),
        Column("eori", lambda p, _t: p.sender.eori if p.customs else ""),
    ),
    line_per_thing=True,
)
