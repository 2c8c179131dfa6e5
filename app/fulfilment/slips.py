"""The packing slip that lies in a parcel, as a PDF: numbers first, then where it goes and what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.fulfilment import slip_parts
from app.inventory.numbers import padded
from app.kernel.money import Money

SHEETS = {"a5": (148, 210), "a4": (210, 297)}  # millimetres; fpdf2 warns about its own idea of A5
FONTS = Path(__file__).resolve().parents[1] / "static" / "vendor" / "dejavu"


class Paper(StrEnum):
    """The sheets that small labels print on."""

    A5 = "a5"
    A4 = "a4"


@dataclass(frozen=True)
class SlipLine:
    """Some copies of one run: `copies` is the run's strip (a h s w), `last` its highest number, `weight` grams of one copy.

    `again` says which of them stand for damaged ones: "№ 017, second issue".
    """

    catalogue_number: str
    artist: str
    title: str
    run_title: str
    numbers: tuple[int, ...]
    first: int
    last: int
    copies: str
    unit: Money
    weight: int
    hs_code: str
    origin: str
    again: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slip:
    """One parcel as it is packed; `link` is its order's address at the desk, `customs` says whether it leaves the customs union.

    `noted` is what staff wrote for it, `others` are the orders that leave with the first one: reference and day.
    """

    label: str
    reference: str
    placed_at: datetime
    address: tuple[str, ...]
    lines: tuple[SlipLine, ...]
    postage: str
    note: str
    link: str
    customs: bool
    noted: tuple[str, ...] = ()
    others: tuple[tuple[str, datetime], ...] = ()


def pdf(slips: Sequence[Slip], paper: Paper, fallback: Sequence[Path] = ()) -> bytes:
    """One sheet (or more, for long orders) per slip, in the sequence given; `fallback` are fonts for signs that ours has not."""
    sheet = blank(paper, fallback)
    for slip in slips:
        _draw(sheet, slip)
    return bytes(sheet.output())


def blank(paper: Paper, fallback: Sequence[Path]) -> Any:
    """A PDF without pages, with our fonts and margins."""
    from fpdf import FPDF  # slow import: 0.9 s, and only who prints needs it  # noqa: PLC0415

    sheet = FPDF(format=SHEETS[paper.value], unit="mm")
    sheet.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
    sheet.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
    families = {f"fallback {at}": font for at, font in enumerate(fallback)}
    for family, font in families.items():
        sheet.add_font(family, "", font)
    sheet.set_fallback_fonts(list(families), exact_match=False)  # bold signs from a plain font rather than none
    sheet.set_margins(12, 12)
    sheet.c_margin = 0  # words begin where the rules begin
    sheet.set_auto_page_break(True, margin=12)
    return sheet


def _draw(sheet: Any, slip: Slip) -> None:
    sheet.add_page()
    _head(sheet, slip)
    slip_parts.address(sheet, slip.address)
    for line in slip.lines:
        _line(sheet, line)
    _foot(sheet, slip)
    if slip.customs:
        slip_parts.customs(sheet, [_declared(line) for line in slip.lines], sum(_weight(line) for line in slip.lines))


def _head(sheet: Any, slip: Slip) -> None:
    slip_parts.qr(sheet, slip.link, side=24)
    slip_parts.say(sheet, slip.label, size=13, bold=True)
    beside = sheet.w - sheet.r_margin - 24 - 4  # left of the code
    references, days = zip((slip.reference, slip.placed_at), *slip.others, strict=True)
    what = f"Orders № {' + '.join(references)}: one parcel" if slip.others else f"Order № {slip.reference}"
    slip_parts.say(sheet, what, size=11, upto=beside)
    slip_parts.say(sheet, f"placed {', '.join(dict.fromkeys(f'{day:%Y-%m-%d}' for day in days))}", size=8, upto=beside)
    sheet.set_y(max(sheet.get_y(), 12 + 24) + 3)
    slip_parts.rule(sheet)


def _line(sheet: Any, line: SlipLine) -> None:
    """The numbers, as large as they fit, over their run and their places on the strip."""
    sheet.ln(2)
    slip_parts.say(sheet, f"{line.catalogue_number}  {line.artist} – {line.title}", size=10, bold=True)
    slip_parts.say(sheet, f"{len(line.numbers)} × {line.run_title}", size=8)
    slip_parts.numbers(sheet, [padded(number, line.last) for number in line.numbers], f"/{line.last}")
    for words in line.again:
        slip_parts.say(sheet, words, size=10, bold=True)
    slip_parts.strip(sheet, line.copies, {number - line.first for number in line.numbers})


def _foot(sheet: Any, slip: Slip) -> None:
    sheet.ln(3)
    slip_parts.rule(sheet)
    slip_parts.say(sheet, f"Post with: {slip.postage}", size=9)
    if slip.note:
        slip_parts.say(sheet, f"The fan says: {slip.note}", size=9)
    for text in slip.noted:
        slip_parts.say(sheet, text, size=10, bold=True)


def _weight(line: SlipLine) -> int:
    return line.weight * len(line.numbers)


def _declared(line: SlipLine) -> tuple[str, ...]:
    """What customs asks about a line: what, HS code, origin, how many, grams, value."""
    value = (line.unit * len(line.numbers)).format()
    what = f"{line.run_title}: {line.title}"
    return what, line.hs_code or "–", line.origin or "–", str(len(line.numbers)), f"{_weight(line)} g", value
