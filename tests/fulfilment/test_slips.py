"""The packing slip: what it says, read back from the PDF itself."""

import time
from dataclasses import replace

import pytest

from app.fulfilment import customs, postcodes, territories
from app.fulfilment.slips import FONTS, Paper, Slip, SlipLine, pdf
from app.kernel.money import Money
from tests.cast import NOW
from tests.fulfilment.pdf_words import pages, printed, words

LINE = SlipLine(
    catalogue_number="TAPE-014",
    artist="Mira Vale",
    title="Slow Lift",
    run_title="100 numbered, clear shell",
    numbers=(17,),
    first=1,
    last=100,
    copies="s" * 40 + "h" * 5 + "w" + "a" * 54,
    unit=Money(2400, "EUR"),
    weight=90,
    hs_code="8523.29",
    origin="DE",
)
SLIP = Slip(
    label="Tinsel Tapes",
    reference="00042",
    placed_at=NOW,
    address=("Zoë Żółć", "Prüfweg 1", "10115 Berlin", "Germany"),
    lines=(LINE,),
    postage="Letter",
    note="",
    link="https://shop.example/staff/orders/42",
    customs=False,
)


def test_numbers_address_and_contents() -> None:
    data = pdf([SLIP], Paper.A5)
    assert data.startswith(b"%PDF-1.")
    shown = words(data)
    for text in ("Tinsel Tapes", "Order № 00042", "Zoë Żółć", "Prüfweg 1", "10115 Berlin", "Germany",
                 "TAPE-014  Mira Vale – Slow Lift",
                 "1 × 100 numbered, clear shell", "017", "/100", "Post with: Letter"):  # fmt: skip
        assert text in shown, text
    assert not any("customs" in text for text in shown)


def test_one_sheet_each_in_their_sequence() -> None:
    data = pdf([SLIP, replace(SLIP, reference="00043")], Paper.A5)
    assert pages(data) == 2
    references = [text for text in words(data) if text.startswith("Order")]
    assert references == ["Order № 00042", "Order № 00043"]


@pytest.mark.parametrize(("paper", "box"), [(Paper.A5, b"[0 0 419.53 595.28]"), (Paper.A4, b"[0 0 595.28 841.89]")])
def test_paper(paper: Paper, box: bytes) -> None:
    assert box in pdf([SLIP], paper)


def test_customs_facts_when_it_leaves_the_union() -> None:
    two = replace(LINE, numbers=(17, 18))
    shown = words(pdf([replace(SLIP, customs=True, lines=(two,))], Paper.A4))
    assert "For customs: net weight 180 g, sale of goods" in shown
    for text in ("8523.29", "DE", "180 g", "€48.00"):
        assert text in shown, text


@pytest.mark.parametrize(
    ("origin", "to", "leaves"),
    [
        ("DE", "DE", False),
        ("DE", "FR", False),
        ("DE", "CH", True),
        ("US", "DE", True),
        ("GB", "GB", False),
        ("US", "CA", True),
        ("DE", "", False),
    ],
)
def test_what_crosses_a_customs_border(origin: str, to: str, leaves: bool) -> None:
    assert customs.leaves(origin, to) is leaves


@pytest.mark.parametrize(
    ("origin", "to", "postal_code", "from_postal_code", "leaves"),
    [
        ("DE", "ES", "35001", "10999", True),
        ("ES", "ES", "38 003", "28001", True),  # also from the state that it belongs to
        ("ES", "ES", "35002", "35001", False),
        ("ES", "ES", "38003", "35001", False),
        ("DE", "DE", "D-27498", "10999", True),
        ("DE", "ES", "E-35001", "10999", True),
        ("DE", "FI", "FIN-22100", "10999", True),
        ("DE", "DE", "D-10999", "D-10997", False),
        ("ES", "ES", "28001", "35001", True),
        ("ES", "DE", "10999", "35001", True),
        ("DE", "ES", "28035", "10999", False),
        ("DE", "FI", "AX-22100", "", True),
        ("DE", "FI", "00220", "", False),
        ("DE", "DE", "27498", "10999", True),
        ("DE", "DE", "27499", "10999", False),
        ("DE", "IT", "23041", "", True),
        ("DE", "IT", "23030", "", False),
        ("DE", "GR", "630 86", "", True),
        ("DE", "FR", "97400", "", True),
        ("DE", "FR", "98000", "", False),  # Monaco, by somebody who writes France
        ("DE", "US", "35004", "", True),
        ("US", "US", "35004", "", False),
        ("DE", "ES", "", "", False),
    ],
)
def test_places_of_the_union_that_are_outside_of_its_vat(
    origin: str, to: str, postal_code: str, from_postal_code: str, *, leaves: bool
) -> None:
    assert customs.leaves(origin, to, postal_code, from_postal_code) is leaves


def test_their_postcodes_are_postcodes_of_their_country() -> None:
    for place in territories.TERRITORIES:
        assert not postcodes.wrong(place.country, place.prefix.ljust(5, "0")), place


def test_long_and_strange_slips_still_come_out() -> None:
    many = replace(LINE, numbers=tuple(range(1, 61)), copies="s" * 300, last=300)
    crowd = replace(LINE, copies="a" * 10_000, last=10_000, numbers=(9_999,))
    note = "Please ring twice. " * 25 + "\nx" + "y" * 300
    strange = replace(SLIP, lines=(many, crowd), note=note, address=("名前", "🎵 street", "A" * 200), label="L" * 300, customs=True)
    data = pdf([strange], Paper.A5)
    assert pages(data) > 1
    assert "09999" in words(data)


# The bold DejaVu has these letters, the plain one, in which addresses are printed, does not.
ODD = "𝗔𝗱𝗮"


def test_what_our_font_does_not_have_is_taken_from_another() -> None:
    odd = replace(SLIP, address=(f"{ODD} Lovelace",))
    assert ODD not in words(pdf([odd], Paper.A5))
    found = printed(pdf([odd], Paper.A5, [FONTS / "DejaVuSans-Bold.ttf"]))
    fonts = {text.strip(): font for text, font in found}
    assert fonts[ODD].startswith("DejaVuSansBold ")
    assert fonts[ODD] != fonts["Tinsel Tapes"]  # the bold font that is ours anyway
    assert fonts["Lovelace"] == fonts["Order № 00042"]  # and what our font has stays in it


def test_bold_words_take_signs_from_a_plain_font() -> None:
    plain = "𝖠𝖽𝖺"  # the other way round: the name of a label is bold
    odd = replace(SLIP, label=plain)
    assert plain not in words(pdf([odd], Paper.A5))
    assert plain in words(pdf([odd], Paper.A5, [FONTS / "DejaVuSans.ttf"]))


def test_a_hundred_slips_take_less_than_two_seconds() -> None:
    slips = [replace(SLIP, reference=f"{n:05d}", link=f"https://shop.example/staff/orders/{n}") for n in range(100)]
    pdf(slips[:1], Paper.A5)  # the library and its fonts are loaded once
    began = time.process_time()
    printed_all = pdf(slips, Paper.A5)
    assert time.process_time() - began < 2  # of this process alone: what else the machine does is not the slips' fault
    assert pages(printed_all) == 100
