"""Rates of VAT by country, kind of goods and day: the rows that come with Runout, and those that a label has added."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.catalogue.models import Format
from app.orders.vat_models import VatKind

_FILE = Path(__file__).with_name("vat_rates.csv")
_PRINTED = (Format.ZINE,)  # a stick in a zine is sold for what is on it


@dataclass(frozen=True)
class Rate:
    """A rate in basis points from a day on; `own` for one that a label has added."""

    country: str
    kind: VatKind
    basis_points: int
    since: date
    source: str
    own: bool = False


def _read() -> tuple[Rate, ...]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(_rate(row) for row in csv.DictReader(lines))


def _rate(row: dict[str, str]) -> Rate:
    since = date.fromisoformat(row["since"])
    return Rate(row["country"], VatKind(row["kind"]), int(row["basis_points"]), since, row["source"])


RATES = _read()


def kind_of(made_as: Format) -> VatKind:
    """Which rate copies of a format have."""
    return VatKind.REDUCED if made_as in _PRINTED else VatKind.STANDARD


def in_force(country: str, kind: VatKind, on: date, own: Iterable[Rate] = ()) -> Rate | None:
    """The rate of a country on a day: the newest one; a label's own where two begin on the same day. None where none is known.

    What has no rate of its own kind has the standard one.
    """
    known = [rate for rate in (*RATES, *own) if rate.country == country and rate.since <= on]
    mine = [rate for rate in known if rate.kind is kind] or [rate for rate in known if rate.kind is VatKind.STANDARD]
    return max(mine, key=lambda rate: (rate.since, rate.own), default=None)
