"""What a person may ask of a label's books: a period, and of it one run, country or kind of line."""

from dataclasses import dataclass
from enum import StrEnum

from app.reports.book_period import Period


class Kind(StrEnum):
    """What a line is of; amounts of the last four are below zero."""

    GOODS = "goods"
    POSTAGE = "postage"
    GOODS_BACK = "goods-back"
    POSTAGE_BACK = "postage-back"
    KINDNESS = "kindness"  # an amount that was given back for no copy
    DISPUTE = "dispute"  # taken back by a bank, for good


@dataclass(frozen=True)
class Wish:
    """Which lines: of a label and a period; of one run, country, kind, or day (a period of its own), where asked."""

    label_id: int
    period: Period
    run_id: int | None = None
    country: str | None = None
    kind: Kind | None = None
