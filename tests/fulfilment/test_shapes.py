"""Carriers' files: what is refused before the carrier refuses it, and what the file says, read back."""

import csv
import io
from dataclasses import replace

import pytest

from app.fulfilment import posting_csv, shapes
from app.fulfilment.checks import faults
from app.fulfilment.plain import plain, unreadable
from app.fulfilment.posting import Posting
from app.fulfilment.shapes import ALL
from app.fulfilment.shapes.shape import Mend, Shape, alpha3
from app.fulfilment.streets import apart
from app.kernel.money import Money
from tests.fulfilment.parcels_to_post import BERLIN, PARCEL, TAPE, TO_ZURICH, parcel

DHL, ONLINE, MAIL = ALL["dhl-business"], ALL["dhl-online"], ALL["royal-mail"]
LONDON = replace(BERLIN, country="GB", line1="1 Main Street", postal_code="EC1Y 8SY", city="London")


def read(shape: Shape, *parcels: Posting) -> list[list[str]]:
    """The lines of the file as the carrier reads them."""
    text = b"".join(posting_csv.good(shape, parcels)).decode(shape.encoding)
    assert "\r\n" in text
    return list(csv.reader(io.StringIO(text), delimiter=shape.delimiter))


def said(shape: Shape, posting: Posting) -> list[tuple[str, Mend]]:
    return [(fault.sentence, fault.mend) for fault in faults(shape, posting)]


@pytest.mark.parametrize("shape", ALL.values(), ids=ALL)
def test_every_shape_says_where_it_is_from_and_writes_whole_lines(shape: Shape) -> None:
    home = next(iter(sorted(shape.posts_from)), "DE")
    posting = replace(TO_ZURICH, name="Zoë", sender=replace(BERLIN, country=home))
    lines = read(shape, posting)
    widths = {len(shape.columns)} | ({len(shape.beneath)} if shape.beneath else set())
    assert {len(line) for line in lines} == widths
    assert len(lines) == 1 + shape.heads + bool(shape.beneath) - (0 if shape.heads or shape.beneath else 1)
    assert shape.source
    assert shape.looked_up >= "2026-11-29"


def test_dhl_reads_street_and_number_apart_and_a_comma_in_the_weight() -> None:
    heads, line = read(DHL, parcel())
    row = dict(zip(heads, line, strict=True))
    assert row["Empfänger Name 1"] == "Zoë Zólc"  # ISO-8859-1 has an ó and no Ż, ł or ć
    assert (row["Empfänger Straße"], row["Empfänger Hausnummer"], row["Empfänger PLZ"]) == ("Prüfweg", "1", "10115")
    assert (row["Empfänger Land"], row["Absender Land"], row["Gewicht"]) == ("DEU", "DEU", "0,1400")
    assert row["Absender Telefonnummer"] == "0049 30 123456"
    assert row["Sendungsdokumente - Zolltarifnummer (WP1)"] == ""  # nothing is declared within the union


def test_dhl_declares_what_crosses_the_border() -> None:
    heads, line = read(DHL, replace(TO_ZURICH, things=(replace(TAPE, pieces=2),)))
    row = dict(zip(heads, line, strict=True))
    declared = {head.removesuffix(" (WP1)").rsplit(" ", 1)[-1]: text for head, text in row.items() if head.endswith("(WP1)")}
    assert declared == {
        "Beschreibung": "Recorded music cassette", "Menge": "2", "Zollwert": "24,00", "Ursprungsland": "DEU",
        "Zolltarifnummer": "852329", "Gewicht": "0,080",
    }  # fmt: skip
    assert row["Sendungsdokumente - Menge (WP2)"] == ""


def test_online_takes_the_smallest_product_that_holds_it() -> None:
    def product(**changes: object) -> str:
        heads, line = read(ONLINE, parcel(**changes))
        return dict(zip(heads, line, strict=True))["PRODUCT"]

    assert [product(), product(tracked=True), product(weight=4_000), product(country="AT", weight=900)] == [
        "PAECK.DEU", "PAK02.DEU", "PAK05.DEU", "PAECK.EU",
    ]  # fmt: skip


def test_a_line_for_each_thing_where_the_carrier_reads_it_so() -> None:
    two = replace(TO_ZURICH, things=(TAPE, replace(TAPE, what="Printed zine", hs_code="490199")), sender=LONDON)
    lines = read(MAIL, two)
    assert [(line[0], line[lines[0].index("Customs code")]) for line in lines[1:]] == [("00042", "852329"), ("00042", "490199")]
    assert lines[1][lines[0].index("Country")] == "Switzerland"


def test_colissimo_puts_customs_beneath() -> None:
    french = replace(BERLIN, country="FR")
    exp, cn2 = read(ALL["colissimo"], replace(TO_ZURICH, sender=french))
    assert (exp[0], exp[1], cn2[0], cn2[3:6], cn2[-1]) == ("EXP", "00042", "CN2", ["80", "1", "24.00"], "852329")
    assert len(read(ALL["colissimo"], replace(PARCEL, country="FR", sender=french))) == 1


@pytest.mark.parametrize(
    ("changes", "sentence", "mend"),
    [
        ({"postal_code": "1011"}, "“1011” is no postcode of DE. One there looks like 26133.", Mend.ORDER),
        ({"postal_code": ""}, "The postcode is missing. One there looks like 26133.", Mend.ORDER),
        ({"name": ""}, "The name is missing.", Mend.ORDER),
        ({"line1": "Prüfweg"}, "No house number is found in “Prüfweg”.", Mend.ORDER),
        ({"city": " "}, "The town is missing.", Mend.ORDER),
        ({"line2": "x" * 51}, "The second line is too long: 51 signs, and DHL Geschäftskundenportal takes 50.", Mend.ORDER),
        ({"name": "Юлия"}, "DHL Geschäftskundenportal cannot read “Юлия” in the name. Write it in Latin letters.", Mend.ORDER),
        ({"weight": 40_000}, "It weighs 40000 g; DHL Geschäftskundenportal takes 31500 g at most.", Mend.ORDER),
        ({"things": (replace(TAPE, weight=0),)}, "“Recorded music cassette” has no weight.", Mend.RUN),
        ({"sender": replace(BERLIN, line1="")}, "The sender's street is missing.", Mend.SENDER),
        ({"country": "US", "postal_code": "95014"}, "The state is missing; nothing is delivered there without one.", Mend.ORDER),
    ],
)  # fmt: skip
def test_what_a_carrier_would_refuse(changes: dict[str, object], sentence: str, mend: Mend) -> None:
    assert (sentence, mend) in said(DHL, parcel(**changes))


def test_a_parcel_that_is_fine_has_no_fault() -> None:
    assert said(DHL, parcel()) == []
    assert said(DHL, TO_ZURICH) == []
    assert said(ONLINE, parcel()) == []


def test_customs_wants_all_of_it_and_only_across_the_border() -> None:
    bare = replace(TAPE, hs_code="", origin="", value=Money(0, "EUR"))
    assert said(DHL, parcel(things=(bare,))) == []
    sentences = [sentence for sentence, _ in said(DHL, replace(TO_ZURICH, things=(bare,)))]
    assert sentences == [
        "“Recorded music cassette” has no customs code (HS).",
        "“Recorded music cassette” has no country of origin.",
        "“Recorded music cassette” is worth nothing, which customs does not believe. Post this parcel by hand.",
    ]
    seven = tuple(replace(TAPE, run_id=at) for at in range(7))
    assert "has room for 6 kinds of things; it has 7." in said(DHL, replace(TO_ZURICH, things=seven))[0][0]


def test_whom_a_carrier_serves() -> None:
    assert said(MAIL, parcel()) == [
        ("Royal Mail Click & Drop takes parcels posted in GB or GG or IM or JE; this label posts from DE.", Mend.SENDER)
    ]
    [(sentence, _)] = said(ONLINE, TO_ZURICH)
    assert sentence == "DHL Online Frankierung does not post to CH. Choose another carrier for this parcel."


def test_who_prints_no_declaration_takes_nothing_that_needs_one() -> None:
    [(sentence, mend)] = said(ONLINE, parcel(country="ES", postal_code="35001", city="Las Palmas", customs=True))
    assert sentence == (
        "It needs a customs declaration, and DHL Online Frankierung prints none. Choose another carrier for this parcel."
    )
    assert mend is Mend.ORDER


def test_a_phone_is_asked_for_only_where_the_carrier_wants_one() -> None:
    quiet = replace(BERLIN, country="FR", phone="")
    [(sentence, mend)] = said(ALL["colissimo"], parcel(sender=quiet, name="Zoe"))
    assert ("asks for a phone number" in sentence, mend) == (True, Mend.SENDER)
    assert said(DHL, parcel(sender=replace(BERLIN, phone=""))) == []


def test_no_cell_is_a_formula() -> None:
    lines = read(ALL["generic"], parcel(name="=HYPERLINK(1)", line2="@x\nsecond", email="+1@example.org"))
    row = dict(zip(*lines, strict=True))
    assert (row["name"], row["line2"], row["email"]) == ("'=HYPERLINK(1)", "'@x second", "'+1@example.org")


def test_those_refused_are_a_file_of_their_own_with_the_reasons() -> None:
    wrong = parcel(postal_code="1")
    data = b"".join(posting_csv.bad([(wrong, faults(DHL, wrong), "https://shop.example/staff/orders/42")])).decode("utf-8-sig")
    heads, line = csv.reader(io.StringIO(data))
    row = dict(zip(heads, line, strict=True))
    assert (row["reference"], row["reason"]) == ("00042", "“1” is no postcode of DE. One there looks like 26133.")
    assert row["mend"] == "https://shop.example/staff/orders/42"


@pytest.mark.parametrize(
    ("line", "street", "number"),
    [
        ("Prüfweg 1", "Prüfweg", "1"),
        ("Straße des 17. Juni 135", "Straße des 17. Juni", "135"), ("Hauptstr. 12 a", "Hauptstr.", "12 a"),
        ("1 Main Street", "Main Street", "1"), ("221B Baker Street", "Baker Street", "221B"), ("Gracht 10-2", "Gracht", "10-2"),
        ("12b, Long Lane", "Long Lane", "12b"), ("Poste Restante", "Poste Restante", ""), ("", "", ""),
    ],
)  # fmt: skip
def test_street_and_number(line: str, street: str, number: str) -> None:
    assert apart(line) == (street, number)


def test_plain_letters() -> None:
    assert plain("Łódź № 5 – Œuvre", "cp1252") == "Lódz No. 5 – Œuvre"
    assert (unreadable("Łódź", "cp1252"), unreadable("東京 Tokyo", "cp1252"), unreadable("東京", "utf-8")) == ("", "東京", "")


def test_countries_in_three_letters() -> None:
    assert [alpha3(code) for code in ("DE", "FR", "CD", "MM", "XK", "")] == ["DEU", "FRA", "COD", "MMR", "XKK", ""]


def test_the_carrier_of_the_country() -> None:
    assert [shapes.at_home(code).key for code in ("DE", "GB", "NL", "FR", "US", "JP")] == [
        "dhl-business", "royal-mail", "postnl", "colissimo", "pirate-ship", "generic",
    ]  # fmt: skip


def test_the_ioss_number_travels_with_what_crosses_the_border_alone() -> None:
    ours = replace(LONDON, ioss_number="IM2760000742", eori="GB1234567")
    for crossing, told in ((True, ["IM2760000742", "GB1234567"]), (False, ["", ""])):
        heads, line = read(MAIL, replace(PARCEL, name="Zoe", customs=crossing, sender=ours))
        assert line[heads.index("IOSS number") :] == told
