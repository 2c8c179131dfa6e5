"""One parcel as a carrier or customs is told of it: who posts it, where to, and what is in it."""

from dataclasses import dataclass, field
from datetime import date

from app.fulfilment import streets
from app.kernel.money import Money


class _AtStreet:
    """Whoever has a street with a house number in its first line."""

    line1: str

    @property
    def street(self) -> str:
        """The street without its house number."""
        return streets.apart(self.line1)[0]

    @property
    def house_number(self) -> str:
        """The house number alone; empty where none is found."""
        return streets.apart(self.line1)[1]


@dataclass(frozen=True)
class From(_AtStreet):
    """Who posts a label's parcels; what is empty was not said yet. `prepaid`: the carrier bills the label for duties."""

    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    region: str
    country: str
    email: str
    phone: str = ""
    eori: str = ""
    vat_number: str = ""
    ioss_number: str = ""
    prepaid: bool = False

    @property
    def complete(self) -> bool:
        """Can a parcel name this sender?"""
        return bool(self.name and self.line1 and self.city)


@dataclass(frozen=True)
class Thing:
    """Pieces of one kind in a parcel; `value` and `weight` (grams) are of one piece, `hs_code` is digits only or empty."""

    run_id: int
    what: str
    pieces: int
    value: Money
    weight: int
    hs_code: str
    origin: str
    sku: str = ""

    @property
    def total(self) -> Money:
        """What all the pieces are worth."""
        return self.value * self.pieces


@dataclass(frozen=True)
class Posting(_AtStreet):
    """A parcel to be posted; `weight` in grams with packaging, `customs`: it crosses a customs border."""

    order_id: int
    label_id: int
    reference: str
    placed_on: date
    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    region: str
    country: str
    email: str
    weight: int
    things: tuple[Thing, ...]
    postage: Money
    postage_name: str
    tracked: bool
    customs: bool
    sender: From = field(repr=False)
    order_ids: tuple[int, ...] = ()  # all that are in it
    references: tuple[str, ...] = ()
    carrier: str = ""  # whom its postage names

    @property
    def goods(self) -> Money:
        """What is in it, worth together."""
        return sum((thing.total for thing in self.things), start=Money(0, self.postage.currency))

    @property
    def net_weight(self) -> int:
        """Grams without packaging."""
        return sum(thing.weight * thing.pieces for thing in self.things)
