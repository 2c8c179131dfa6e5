"""Reads the file in which a carrier's desk says which parcel got which tracking number, however it was saved."""

import csv
import io
import re
from dataclasses import dataclass

from app.kernel.errors import BadInput

LARGEST = 1024 * 1024  # bytes
MOST_LINES = 2_000
MOST_COLUMNS = 200
_OTHER_FILES = {b"PK": "That is an Excel file.", b"%PDF": "That is a PDF.", b"\xd0\xcf\x11\xe0": "That is an old Excel file."}

# What carriers' own exports call the two columns, letters and digits alone. DHL: "Sendungsreferenz", "Sendungsnummer"; Royal Mail
# Click & Drop: "Order reference", "Tracking number"; PostNL: "Referentie", "Barcode"; ColiShip: "Référence", "Numéro de colis";
# Pirate Ship: "Order ID", "Tracking Number". Gathered on 2026-11-29; a column that is missing here can be chosen by hand.
REFERENCES = ("orderreference", "sendungsreferenz", "orderid", "ordernumber", "referentie", "referenceexpedition", "référence",
              "référencedecommande", "reference", "empfängerreferenz", "kundenreferenz", "ref", "order", "number")  # fmt: skip
TRACKINGS = ("trackingnumber", "sendungsnummer", "barcode", "numérodecolis", "numerocolis", "ncolis", "trackingcode", "trackingid",
             "trackingno", "trackandtrace", "identcode", "tracking")  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """The lines of a file below its heads; where it has none, the columns are counted."""

    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]

    def pairs(self, reference: int, tracking: int) -> list[tuple[str, str]]:
        """Each line's order reference and tracking number, as they are written there."""
        return [(bare(line[reference]), bare(line[tracking])) for line in self.lines]


def read(content: bytes) -> Sheet:
    """The file as lines. BadInput, about the field "file", says what is wrong with it and what to do."""
    if not content.strip():
        raise _no("There is nothing in it. Choose the file that your carrier's desk exported.")
    if len(content) > LARGEST:
        raise _no("That is more than a megabyte. A list of tracking numbers is smaller: export only the parcels of today.")
    rows = _rows(_text(content))
    if max((len(row) for row in rows), default=0) < 2:
        raise _no("It has only one column, but two are needed: the order's number and the tracking number.")
    if len(rows) > MOST_LINES + 1:
        raise _no(f"It has {len(rows)} lines, and {MOST_LINES} are the most at once. Please split it.")
    return _sheet(rows)


def guess(sheet: Sheet) -> tuple[int | None, int | None]:
    """The columns of order reference and tracking number; None where none is known by its name."""
    plain = [_plain(head) for head in sheet.heads]
    return _first(plain, REFERENCES), _first(plain, TRACKINGS)


def bare(cell: str) -> str:
    """A cell without what spreadsheets and we put around it to keep it a text: '0042 and ="0042"."""
    found = re.fullmatch(r'="(.*)"', cell.strip())
    return (found[1] if found else cell.strip().removeprefix("'")).strip()


def number(reference: str) -> int | None:
    """The order number in a reference as people and carriers write it: 00042, № 42, #42; None when there is none."""
    found = re.fullmatch(r"(?:№|#|no\.?|nr\.?|order)?\s*([0-9]{1,9})", reference.strip(), re.IGNORECASE)
    return int(found[1]) if found else None


def wrecked(tracking: str) -> bool:
    """Has a spreadsheet made a rounded number of it: 3.4E+11?"""
    return re.fullmatch(r"[0-9][.,]?[0-9]*E\+?[0-9]+", tracking.strip(), re.IGNORECASE) is not None


def _text(content: bytes) -> str:
    for beginning, what in _OTHER_FILES.items():
        if content.startswith(beginning):
            raise _no(f"{what} Save it as CSV and choose that file.")
    codecs = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for codec in codecs:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _no("It cannot be read as text. Save it as CSV in UTF-8 and choose that file.")


def _rows(text: str) -> list[list[str]]:
    """The lines that say something, by the separator that makes the most columns of the first one."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as fault:
        raise _no("Its lines cannot be told apart: a quotation mark is missing somewhere. Export it again.") from fault
    return [row[:MOST_COLUMNS] for row in found if any(cell.strip() for cell in row)]


def _sheet(rows: list[list[str]]) -> Sheet:
    width = max(len(row) for row in rows)
    filled = [tuple(row) + ("",) * (width - len(row)) for row in rows]
    known = any(_plain(cell) in {*REFERENCES, *TRACKINGS} for cell in filled[0])
    if known or not any(sign.isdigit() for cell in filled[0] for sign in cell):
        return Sheet(tuple(cell.strip() or f"Column {at}" for at, cell in enumerate(filled[0], 1)), tuple(filled[1:]))
    return Sheet(tuple(f"Column {at}" for at in range(1, width + 1)), tuple(filled))


def _first(heads: list[str], known: tuple[str, ...]) -> int | None:
    """The column that is called by the best known name."""
    return next((heads.index(name) for name in known if name in heads), None)


def _plain(head: str) -> str:
    return "".join(sign for sign in head.casefold() if sign.isalnum())


def _no(sentence: str) -> BadInput:
    return BadInput("", {"file": sentence})
