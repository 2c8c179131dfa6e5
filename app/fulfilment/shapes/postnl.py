"""PostNL, MijnPostNL Zakelijk: "Nieuwe zending: importeren van csv-file".

That the desk takes CSV: https://pdfhost.io/v/YtLLC4STMc_Algemene_Handleiding_-_MijnPostNL_Zakelijk_versie_2025; that it takes 20
at once and does not say which one is wrong: https://shop.citymanprod.com/blogs/news/murphys-law-of-shipping-production
(both 2026-11-29). The sample file is behind the login, so the heads are Dutch words in the sequence of PostNL's own form.
"""

from app.fulfilment.shapes.shape import Column, Mend, Shape, kilograms, major, on_customs, phone

POSTNL = Shape(
    key="postnl",
    name="PostNL",
    carrier="PostNL",
    source="https://pdfhost.io/v/YtLLC4STMc_Algemene_Handleiding_-_MijnPostNL_Zakelijk_versie_2025",
    looked_up="2026-11-29",
    unsure="The names of the columns could not be confirmed: compare them once with the sample file of MijnPostNL Zakelijk.",
    delimiter=";",
    at_once=20,
    posts_from=frozenset({"NL", "BE"}),
    number_for=frozenset({"NL", "BE"}),
    line_per_thing=True,
    columns=(
        Column("Referentie", lambda p, _t: p.reference, 35),
        Column("Naam", lambda p, _t: p.name, 35, must=True, called="name"),
        Column("Straat", lambda p, _t: p.street, 95, must=True, called="street"),
        Column("Huisnummer", lambda p, _t: p.house_number, 35, called="house number"),
        Column("Adresregel 2", lambda p, _t: p.line2, 35, called="second line"),
        Column("Postcode", lambda p, _t: p.postal_code, 17, called="postcode"),
        Column("Plaats", lambda p, _t: p.city, 35, must=True, called="town"),
        Column("Regio", lambda p, _t: p.region, 35, called="region"),
        Column("Landcode", lambda p, _t: p.country),
        Column("E-mail", lambda p, _t: p.email, 50, called="e-mail address"),
        Column("Telefoon", lambda p, _t: phone(p.sender.phone), 17, called="phone number", mend=Mend.SENDER),
        Column("Gewicht (g)", lambda p, _t: str(p.weight)),
        Column("Omschrijving", on_customs(lambda _p, t: t.what[:35])),
        Column("Aantal", on_customs(lambda _p, t: str(t.pieces))),
        Column("Waarde", on_customs(lambda _p, t: major(t.value))),
        Column("Valuta", on_customs(lambda p, _t: p.postage.currency)),
        Column("Gewicht per stuk (kg)", on_customs(lambda _p, t: kilograms(t.weight))),
        Column("HS-code", on_customs(lambda _p, t: t.hs_code)),
        Column("Land van oorsprong", on_customs(lambda _p, t: t.origin)),
        Column("IOSS-nummer", on_customs(lambda p, _t: p.sender.ioss_number)),
        Column("EORI-nummer", on_customs(lambda p, _t: p.sender.eori)),
    ),
)
