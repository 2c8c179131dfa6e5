"""What customs asks of a parcel from outside, by rules that have a date and a source; a new rule is a new row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.fulfilment.customs import UNION
from app.fulfilment.posting import Thing
from app.kernel.money import Money


@dataclass(frozen=True)
class DutyRule:
    """A flat duty for each kind of thing in a parcel; a kind is what shares the first `digits` of its HS code.

    It holds from the day `since` until before the day `until`, for parcels whose goods are worth `most` at most.
    """

    into: frozenset[str]
    since: date
    until: date
    most: Money
    each: Money
    digits: int
    source: str


RULES = (
    # For every distance sale to a consumer, with IOSS and without. Who declares the parcel owes it: the holder of the IOSS number,
    # otherwise mostly the carrier for the fan. A kind is one six-digit subheading in the short declarations H6 and H7.
    DutyRule(
        into=UNION,
        since=date(2026, 7, 1),
        until=date(2028, 7, 1),
        most=Money(150_00, "EUR"),
        each=Money(3_00, "EUR"),
        digits=6,
        source="Council Regulation (EU) 2026/382 with Delegated Regulation (EU) 2026/1022; looked up on 2026-11-29",
    ),
)


@dataclass(frozen=True)
class Duty:
    """The flat duty of a parcel: so much for each of its kinds. `sure` is False when the goods are priced in another currency
    than the limit, so that nobody knows today's rate at the border."""

    each: Money
    kinds: int
    most: Money
    sure: bool

    @property
    def total(self) -> Money:
        """For all kinds together."""
        return self.each * self.kinds


def duty(things: Iterable[Thing], origin: str, destination: str, on: date) -> Duty | None:
    """The flat duty for these things from one country to another on a day; None where no such rule holds."""
    held = [rule for rule in RULES if destination in rule.into and origin not in rule.into and rule.since <= on < rule.until]
    packed = tuple(things)
    if not held or not packed:
        return None
    [rule] = held
    worth = sum((thing.total for thing in packed), start=Money(0, packed[0].value.currency))
    sure = worth.currency == rule.most.currency
    if sure and worth.amount > rule.most.amount:
        return None
    return Duty(rule.each, len({_kind(thing, rule.digits) for thing in packed}), rule.most, sure)


def _kind(thing: Thing, digits: int) -> str:
    """The tariff's own word for what it is; without one, ours."""
    return thing.hs_code[:digits] or thing.what
