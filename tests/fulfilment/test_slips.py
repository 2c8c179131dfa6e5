"""The packing slip: what it says, read back from the PDF itself."""

import re
import zlib
from dataclasses import replace

import pytest

from app.fulfilment import customs
from app.fulfilment.slips import Paper, Slip, SlipLine, pdf
from app.kernel.money import Money
from tests.cast import NOW

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
    words = _words(data)
    for text in ("Tinsel Tapes", "Order № 00042", "Zoë Żółć", "Prüfweg 1", "10115 Berlin", "Germany",
                 "TAPE-014  Mira Vale – Slow Lift",
                 "1 × 100 numbered, clear shell", "017", "/100", "Post with: Letter"):  # fmt: skip
        assert text in words, text
    assert not any("customs" in text for text in words)


def test_one_sheet_each_in_their_sequence() -> None:
    data = pdf([SLIP, replace(SLIP, reference="00043")], Paper.A5)
    assert _pages(data) == 2
    references = [text for text in _words(data) if text.startswith("Order")]
    assert references == ["Order № 00042", "Order № 00043"]


@pytest.mark.parametrize(("paper", "box"), [(Paper.A5, b"[0 0 419.53 595.28]"), (Paper.A4, b"[0 0 595.28 841.89]")])
def test_paper(paper: Paper, box: bytes) -> None:
    assert box in pdf([SLIP], paper)


def test_customs_facts_when_it_leaves_the_union() -> None:
    two = replace(LINE, numbers=(17, 18))
    words = _words(pdf([replace(SLIP, customs=True, lines=(two,))], Paper.A4))
    assert "For customs: net weight 180 g, sale of goods" in words
    for text in ("8523.29", "DE", "180 g", "€48.00"):
        assert text in words, text


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


def test_long_and_strange_slips_still_come_out() -> None:
    many = replace(LINE, numbers=tuple(range(1, 61)), copies="s" * 300, last=300)
    crowd = replace(LINE, copies="a" * 10_000, last=10_000, numbers=(9_999,))
    note = "Please ring twice. " * 25 + "\nx" + "y" * 300
    strange = replace(SLIP, lines=(many, crowd), note=note, address=("名前", "🎵 street", "A" * 200), label="L" * 300, customs=True)
    data = pdf([strange], Paper.A5)
    assert _pages(data) > 1
    assert "09999" in _words(data)


def _pages(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", data))


def _words(data: bytes) -> list[str]:
    """Every text that the PDF shows, in sequence: glyphs are turned back by each font's own ToUnicode table."""
    objects = {int(found[1]): found[2] for found in re.finditer(rb"(?s)\n(\d+) 0 obj\n(.*?)\nendobj", data)}
    fonts = {}
    for name, font in re.findall(rb"/(F\d+) (\d+) 0 R", data):
        table = int(re.search(rb"/ToUnicode (\d+) 0 R", objects[int(font)])[1])  # type: ignore[index]  # each font has one
        fonts[name] = _glyphs(_stream(objects[table]))
    words = []
    for number in sorted(objects):
        if b"/Contents" in objects[number]:
            at = int(re.search(rb"/Contents (\d+) 0 R", objects[number])[1])  # type: ignore[index]  # as just seen
            words += _shown(_stream(objects[at]), fonts)
    return words


def _shown(content: bytes, fonts: dict[bytes, dict[int, str]]) -> list[str]:
    words, font = [], {}
    for name, text in re.findall(rb"(?s)/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) ?Tj", content):
        if name:
            font = fonts[name]
            continue
        raw = re.sub(rb"(?s)\\(.)", lambda found: {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(found[1], found[1]), text)
        words.append("".join(font.get(int.from_bytes(raw[at : at + 2]), "?") for at in range(0, len(raw), 2)))
    return words


def _glyphs(table: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", table)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _stream(body: bytes) -> bytes:
    raw = body.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(raw) if b"FlateDecode" in body.split(b"stream\n", 1)[0] else raw
