"""How what a run brings is shared, in whole numbers: pure.

A share is kept exactly, in ten-thousandths of a minor unit, and rounded down once, over all that was ever shared of a run: so
periods add up to the whole, no sale is rounded for itself, and never do all makers together get more than there is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from app.catalogue.maker_models import WHOLE
from app.catalogue.shares import Term, Terms


@dataclass(frozen=True)
class Step:
    """Something that changes what a run has brought, in minor units: `net` was taken or went back, `cost` was spent.

    `day` is when it happened, `sold_on` when the sale was that it belongs to: what goes back goes back at the terms of its sale.
    """

    day: date
    sold_on: date
    net: int = 0
    cost: int = 0


@dataclass(frozen=True)
class Shared:
    """What a step meant for one maker: `base` was shared at `term`, and brought them `earned` minor units."""

    base: int
    term: Term
    earned: int


@dataclass
class Account:
    """What one run has brought, and what one maker has earned of it: `exact` in ten-thousandths of a minor unit."""

    terms: Terms
    net: int = 0
    costs: int = 0
    exact: int = field(default=0)

    @property
    def earned(self) -> int:
        """Minor units, rounded down."""
        return self.exact // WHOLE

    @property
    def open_costs(self) -> int:
        """What of the costs is not recouped yet."""
        return max(0, self.costs - self.net)

    def take(self, step: Step) -> Shared:
        """Let something happen."""
        term = self.terms.on(step.day if step.cost else step.sold_on)
        base, earned = self._base(term), self.earned
        self.net, self.costs = self.net + step.net, self.costs + step.cost
        base = self._base(term) - base
        self.exact += base * term.basis_points
        return Shared(base, term, self.earned - earned)

    def take_all(self, steps: Iterable[Step]) -> Iterator[Shared]:
        """One after the other."""
        return (self.take(step) for step in steps)

    def _base(self, term: Term) -> int:
        return max(0, self.net - self.costs) if term.costs_first else self.net
