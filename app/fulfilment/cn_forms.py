"""CN22 and CN23, the post's customs declarations, as a PDF on A5: one sheet for each parcel, the form that its value asks for.

Boxes and their words follow the forms of the Universal Postal Union's Convention (CN 22, CN 23; English with the French heads).
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.fulfilment import declarations
from app.fulfilment.posting import Posting
from app.fulfilment.shapes.shape import kilograms
from app.fulfilment.slip_parts import rule, say
from app.fulfilment.slips import Paper, blank

HEADS = ("Quantity and detailed description", "Net weight, kg", "Value", "HS tariff number", "Origin")
WIDTHS = (40, 14, 18, 16, 12)  # per cent
KINDS = ("Gift", "Documents", "Commercial sample", "Sale of goods", "Returned goods", "Other")
OURS = "Sale of goods"
PROMISE = (
    "I, the undersigned, whose name and address are given on the item, certify that the particulars given in this declaration are "
    "correct and that this item does not contain any dangerous article or articles prohibited by legislation or by postal or "
    "customs regulations."
)


def pdf(postings: Sequence[Posting], day: date, fallback: Sequence[Path] = ()) -> bytes:
    """A sheet (or more, where much is in it) for each parcel, in the sequence given; all of them are complete."""
    sheet = blank(Paper.A5, fallback)
    for posting in postings:
        sheet.add_page()
        (_cn23 if declarations.needs_cn23(posting.goods) else _cn22)(sheet, posting, day)
    return bytes(sheet.output())


def _cn22(sheet: Any, posting: Posting, day: date) -> None:
    """The small one: what, how heavy, worth how much; who and where stand on the parcel."""
    _head(sheet, "CN 22", posting)
    _goods(sheet, posting)
    _foot(sheet, posting, day)


def _cn23(sheet: Any, posting: Posting, day: date) -> None:
    """The large one, which names sender and addressee and what was paid to post it."""
    _head(sheet, "CN 23", posting)
    top = sheet.get_y()
    middle = (sheet.w - sheet.l_margin - sheet.r_margin) / 2
    _party(sheet, "From (sender)", _sender_lines(posting), sheet.l_margin, top, middle - 3)
    lower = sheet.get_y()
    _party(sheet, "To (addressee)", _fan_lines(posting), sheet.l_margin + middle, top, middle)
    sheet.set_y(max(lower, sheet.get_y()) + 1)
    rule(sheet)
    _goods(sheet, posting)
    say(sheet, f"Postal charges: {posting.postage.format()}    Invoice: {posting.reference}", size=8)
    _foot(sheet, posting, day)


def _head(sheet: Any, form: str, posting: Posting) -> None:
    say(sheet, f"CUSTOMS DECLARATION  {form}", size=14, bold=True)
    say(sheet, "DÉCLARATION EN DOUANE – may be opened officially / peut être ouvert d'office", size=7)
    say(sheet, f"{posting.sender.name}, order № {posting.reference}", size=8)
    sheet.ln(1)
    rule(sheet)
    say(sheet, "   ".join(f"[{'X' if kind == OURS else '  '}] {kind}" for kind in KINDS), size=7)
    sheet.ln(1)
    rule(sheet)


def _party(sheet: Any, head: str, lines: Sequence[str], left: float, top: float, width: float) -> None:
    """A name and an address in a column of their own."""
    sheet.set_xy(left, top)
    sheet.set_font("DejaVu", "B", 7)
    sheet.multi_cell(width, 3.6, head, align="L", new_x="LEFT", new_y="NEXT")
    sheet.set_font("DejaVu", "", 8)
    for line in lines:
        sheet.set_x(left)
        sheet.multi_cell(width, 3.8, line, align="L", new_x="LEFT", new_y="NEXT")


def _goods(sheet: Any, posting: Posting) -> None:
    sheet.set_font("DejaVu", "", 7)
    layout = {"line_height": 4, "text_align": "LEFT", "borders_layout": "HORIZONTAL_LINES", "padding": (0.4, 1.5, 0.4, 0)}
    rows = [
        (f"{t.pieces} × {t.what}", kilograms(t.weight * t.pieces), t.total.format(), t.hs_code, t.origin) for t in posting.things
    ]
    totals = (f"Total weight with packaging {kilograms(posting.weight)} kg", kilograms(posting.net_weight), posting.goods.format())
    with sheet.table(col_widths=WIDTHS, **layout) as table:
        for cells in (HEADS, *rows, (*totals, "", "")):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    sheet.ln(2)


def _foot(sheet: Any, posting: Posting, day: date) -> None:
    for remark in declarations.remarks(posting):
        say(sheet, remark, size=8, bold=True)
    numbers = (("EORI", posting.sender.eori), ("VAT", posting.sender.vat_number))
    if said := "    ".join(f"{name}: {number}" for name, number in numbers if number):
        say(sheet, f"Sender's customs reference: {said}", size=8)
    sheet.ln(1)
    say(sheet, PROMISE, size=6)
    sheet.ln(9)
    rule(sheet)
    say(sheet, f"{day:%Y-%m-%d}, sender's signature", size=7)


def _sender_lines(posting: Posting) -> list[str]:
    sender = posting.sender
    town = " ".join(filter(None, (sender.postal_code, sender.city, sender.region)))
    return [line for line in (sender.name, sender.line1, sender.line2, town, sender.country, sender.phone) if line]


def _fan_lines(posting: Posting) -> list[str]:
    town = " ".join(filter(None, (posting.postal_code, posting.city, posting.region)))
    return [line for line in (posting.name, posting.line1, posting.line2, town, posting.country) if line]
