"""Parcels as a carrier's file, and those it would refuse as a file of their own with the reasons; no cell can be a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from app.fulfilment.checks import Fault
from app.fulfilment.plain import plain
from app.fulfilment.posting import Posting
from app.fulfilment.shapes.shape import Shape, lines
from app.kernel.cells import safe

BAD_HEADS = ("reference", "name", "line1", "line2", "postal_code", "city", "region", "country", "reason", "mend")


def good(shape: Shape, postings: Iterable[Posting]) -> Iterator[bytes]:
    """The carrier's file, piece by piece, in its own encoding; all of these parcels passed the checks."""
    if shape.heads:
        yield _row([column.head for column in shape.columns], shape)
    for posting in postings:
        yield b"".join(_row([plain(cell, shape.signs) for cell in line], shape) for line in lines(shape, posting))


def bad(parcels: Iterable[tuple[Posting, Sequence[Fault], str]]) -> Iterator[bytes]:
    """The others, with why and where to mend it; UTF-8 with a byte order mark, so that spreadsheets read it."""
    yield "\ufeff".encode() + _written(BAD_HEADS, ",").encode()
    for posting, faults, link in parcels:
        where = (posting.line1, posting.line2, posting.postal_code, posting.city, posting.region, posting.country)
        reason = " ".join(fault.sentence for fault in faults)
        yield _written((posting.reference, posting.name, *where, reason, link), ",").encode()


def _row(cells: Sequence[str], shape: Shape) -> bytes:
    return _written(cells, shape.delimiter).encode(shape.encoding)


def _written(cells: Sequence[str], delimiter: str) -> str:
    """One line (RFC 4180); a line break within a cell would be two lines to some carriers."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow([safe(" ".join(cell.split())) for cell in cells])
    return out.getvalue()
