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
# Records, tapes, discs, sticks with music (8523) and printed matter (49) are "informational materials": 50 U.S.C. 1702(b)(3), by
# which duties that are ordered in an emergency leave them out. Looked up on 2026-11-29: https://cdm.link/?p=149331.
UNITED_STATES = frozenset({"US", "PR"})
INFORMATIONAL = "Informational materials, exempt under 50 U.S.C. 1702(b)(3) (IEEPA): recorded music and printed matter."


def needs_cn23(goods: Money) -> bool:
    """Is it worth too much for a CN22? A CN23 is right for any value, so it is taken where no limit is known in the currency."""
    return not any(limit.most.currency == goods.currency and goods.amount <= limit.most.amount for limit in LIMITS)


def remarks(posting: Posting) -> tuple[str, ...]:
    """What an officer should read besides: whose IOSS number it is, and why the United States take no special duty."""
    ioss = posting.sender.ioss_number if posting.country in UNION else ""
    exempt = posting.country in UNITED_STATES and all(informational(thing) for thing in posting.things)
    return tuple(filter(None, (f"IOSS: {ioss}" if ioss else "", INFORMATIONAL if exempt else "")))


def informational(thing: Thing) -> bool:
    """Is it a recording or printed matter, by its code?"""
    return thing.hs_code.startswith(("8523", "49"))
