"""Which of the post's two customs forms a parcel needs, and what stands on it."""

from dataclasses import dataclass
from datetime import date

from app.fulfilment.customs import UNION
from app.fulfilment.posting import Posting, Thing
from app.kernel.money import Money


@dataclass(frozen=True)
class Limit:
    """Up to this value a CN22 is enough, from a day on; the Universal Postal Union says 300 SDR, each post its own currency."""

    most: Money
    since: date
    source: str


LIMITS = (
    Limit(Money(373_59, "EUR"), date(2026, 11, 29),
          "https://www.deutschepost.de/de/b/briefe-ins-ausland/produkte/broschuere-zollbestimungen.html, looked up on 2026-11-29"),
    Limit(Money(270_00, "GBP"), date(2026, 11, 29),
          "https://www.royalmail.com/business/international/guide/electronic-customs-data, looked up on 2026-11-29"),
)  # fmt: skip
# "Informational materials" of 50 U.S.C. 1702(b)(3), by the tariff headings that the customs of the United States count among them
# (records, tapes, discs, printed matter; sticks are not): https://greatlakescustomslaw.com/category/news/, looked up on 2026-11-29.
UNITED_STATES = frozenset({"US", "PR"})
_INFORMATIONAL = ("852329", "852341", "852349", "852380", "49")
INFORMATIONAL = "Informational materials (50 U.S.C. 1702(b)(3)): recorded music and printed matter."


def needs_cn23(goods: Money) -> bool:
    """Is it worth too much for a CN22? A CN23 is right for any value, so it is taken where no limit is known in the currency."""
    return not any(limit.most.currency == goods.currency and goods.amount <= limit.most.amount for limit in LIMITS)


def remarks(posting: Posting) -> tuple[str, ...]:
    """What an officer should read besides: the IOSS number, and for the United States that it is informational material."""
    ioss = posting.sender.ioss_number if posting.country in UNION else ""
    informs = posting.country in UNITED_STATES and all(informational(thing) for thing in posting.things)
    return tuple(filter(None, (f"IOSS: {ioss}" if ioss else "", INFORMATIONAL if informs else "")))


def informational(thing: Thing) -> bool:
    """Is it a recording or printed matter as the United States count them, by its code?"""
    return thing.hs_code.startswith(_INFORMATIONAL)
