"""The drop page as one value: everything it says in any of its states."""

from dataclasses import dataclass
from datetime import datetime

from app.drops.doors import DoorState
from app.kernel.money import Money
from app.reports.endings import Ending
from app.reports.making_view import MakingView
from app.reports.sleeves import Imprint, Listened, Pressing, Sleeve


@dataclass(frozen=True)
class Offer:
    """A run on the drop page: how many of it one fan may ask for at once, and its own limit where that is below the drop's.

    `making` is how far it has come, for a pre-order.
    """

    pressing: Pressing
    most: int
    own_limit: int | None
    making: MakingView | None = None


@dataclass(frozen=True)
class Liner:
    """What a release sold here has inside: tracks and notes."""

    sleeve: Sleeve
    notes: str
    tracks: tuple[Listened, ...]


@dataclass(frozen=True)
class DropPage:
    """A drop at a moment. `closes_at` is the earlier of the planned closing and a stop; `ending` is set when all are held."""

    slug: str
    title: str
    words: str
    state: DoorState
    now: datetime
    opens_at: datetime
    closes_at: datetime | None
    stop_reason: str
    again_reason: str
    hold_minutes: int
    limit: int | None
    paused_at: datetime | None
    pause_reason: str
    label: Imprint
    offers: tuple[Offer, ...]
    liners: tuple[Liner, ...]
    postage_from: Money | None
    ending: Ending | None
    sold_out_at: datetime | None
    preview: bool = False
    vat_on_top: bool = False

    @property
    def made(self) -> int:
        """How many copies of all runs there are."""
        return sum(offer.pressing.edition for offer in self.offers)

    @property
    def available(self) -> int:
        """How many copies of all runs are free."""
        return sum(offer.pressing.stock.available for offer in self.offers)

    @property
    def sold(self) -> int:
        """How many copies of all runs are sold."""
        return sum(offer.pressing.stock.sold for offer in self.offers)

    @property
    def sole(self) -> Liner | None:
        """The one release that is sold here; None when there are several."""
        return self.liners[0] if len(self.liners) == 1 else None
