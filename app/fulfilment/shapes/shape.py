"""What a carrier's shape is: its columns with their lengths, the signs it reads, and whom it serves."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel.core import get_global

from app.fulfilment.posting import Posting, Thing
from app.kernel.money import Money


class Mend(StrEnum):
    """Where what stands in a column can be put right."""

    ORDER = "order"
    RUN = "run"
    SENDER = "sender"


Cell = Callable[[Posting, Thing], str]


@dataclass(frozen=True)
class Column:
    """One column: `most` signs fit into it; `called` is its name in a sentence, `must` says that it may not be empty."""

    head: str
    cell: Cell
    most: int | None = None
    must: bool = False
    called: str = ""
    mend: Mend = Mend.ORDER


@dataclass(frozen=True)
class Shape:
    """How a carrier takes parcels.

    `source` and `looked_up` say where the columns come from, `unsure` in plain words what could not be confirmed there.
    `signs` is the codec that all text must fit into, `encoding` the one the file is written in. `takes`: how else its postage
    is called, beside the carrier's name. `posts_from`: home countries of senders, empty for any; `serves`: destinations, None
    for any; `phone_for`: destinations that ask for a phone number, and `number_for` those where a house number must be found.
    A line is written per parcel, or per kind of thing where `line_per_thing`; `beneath` are more lines for customs' sake.
    """

    key: str
    name: str
    carrier: str
    source: str
    looked_up: str
    columns: tuple[Column, ...]
    unsure: str = ""
    encoding: str = "utf-8"
    signs: str = "utf-8"
    delimiter: str = ","
    heads: bool = True
    at_once: int | None = None
    takes: tuple[str, ...] = ()
    posts_from: frozenset[str] = frozenset()
    serves: frozenset[str] | None = None
    phone_for: frozenset[str] | None = frozenset()  # None: all of them
    number_for: frozenset[str] = frozenset()
    line_per_thing: bool = False
    beneath: tuple[Column, ...] = ()
    most_things: int | None = None
    heaviest: int | None = None  # grams
    declares: bool = True  # customs declarations


def lines(shape: Shape, posting: Posting) -> list[list[str]]:
    """The lines of one parcel, in the shape's columns."""
    told = posting.things if shape.line_per_thing else posting.things[:1]
    written = [[column.cell(posting, thing) for column in shape.columns] for thing in told]
    if shape.beneath and posting.customs:
        written += [[column.cell(posting, thing) for column in shape.beneath] for thing in posting.things]
    return written


def alpha3(country: str) -> str:
    """The ISO 3166-1 alpha-3 code for an alpha-2 one; the same where there is none."""
    return _alpha3().get(country, country)


@cache
def _alpha3() -> dict[str, str]:
    found = get_global("territory_aliases").items()
    modern = {"DE": "DEU", "FR": "FRA", "CD": "COD", "MM": "MMR", "TL": "TLS", "YE": "YEM"}  # renamed countries
    return {only[0]: code for code, only in found if len(code) == 3 and code.isalpha() and len(only) == 1} | modern


def major(amount: Money) -> str:
    """An amount with a point and without its currency: 24.00."""
    return str(amount.decimal)


def kilograms(grams: int, places: int = 3) -> str:
    """Grams as kilograms with a point: 0.150."""
    return f"{grams / 1000:.{places}f}"


def phone(number: str) -> str:
    """A phone number beginning with 00: a plus in front would be read as a formula by a spreadsheet."""
    return "00" + number[1:] if number.startswith("+") else number


def on_customs(text: Cell) -> Cell:
    """The cell only for parcels that cross a customs border, empty otherwise."""
    return lambda posting, thing: text(posting, thing) if posting.customs else ""
