"""The codes of a run's copies as stickers on A4, in number order: to be cut and put on each copy once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.fulfilment import slip_parts
from app.fulfilment.slips import Paper, blank

COLUMNS, ROWS = 4, 9
PER_SHEET = COLUMNS * ROWS
QR = 20  # millimetres


@dataclass(frozen=True)
class Sticker:
    """One copy: what stands on its sticker. `number` is empty for one of the reserve."""

    run: str
    number: str
    note: str
    code: str


def pdf(stickers: Sequence[Sticker], fallback: Sequence[Path] = ()) -> bytes:
    """As many sheets as it takes."""
    sheet = blank(Paper.A4, fallback)
    sheet.set_auto_page_break(False)
    for at, sticker in enumerate(stickers):
        if at % PER_SHEET == 0:
            sheet.add_page()
        _draw(sheet, sticker, at % COLUMNS, at // COLUMNS % ROWS)
    return bytes(sheet.output())


def _draw(sheet: Any, sticker: Sticker, column: int, row: int) -> None:
    wide, high = (sheet.w - 2 * sheet.l_margin) / COLUMNS, (sheet.h - 2 * sheet.t_margin) / ROWS
    left, top = sheet.l_margin + column * wide, sheet.t_margin + row * high
    slip_parts.qr_at(sheet, sticker.code, left, top, QR)
    _text(sheet, left + QR + 2, top + 1, sticker.number or "–", 13, bold=True, room=wide - QR - 4)
    for line, words in enumerate(filter(None, (sticker.note, sticker.code))):
        _text(sheet, left + QR + 2, top + 8 + 4 * line, words, 7, room=wide - QR - 4)
    _text(sheet, left, top + QR + 1, sticker.run, 7, room=wide - 4)


def _text(sheet: Any, left: float, top: float, words: str, size: float, *, room: float, bold: bool = False) -> None:
    """One line, made smaller until it fits."""
    sheet.set_font("DejaVu", "B" if bold else "", size)
    wide = sheet.get_string_width(words)
    if wide > room:
        sheet.set_font_size(size * room / wide)
    sheet.set_xy(left, top)
    sheet.cell(room, size * 0.4, words)
