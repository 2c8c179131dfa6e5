"""What happens in a story: steps drawn from one seed. Each step carries its own dice, so that leaving one out changes no other."""

from dataclasses import dataclass
from random import Random
from typing import Any

DEEDS = {"fan": 10, "worker": 5, "event": 3, "clock": 3, "desk": 2.5, "label": 0.8, "rush": 1.2, "bank": 0.7, "plant": 1.2}
BESIDE = {"fan": 4, "worker": 4, "event": 3, "desk": 1.5, "plant": 0.7}

_STRIPE = (
    "429", "409", "500", "500-after", "502", "503", "hang", "hang-after", "reset", "lost", "garbage", "latency",
    "pay-before", "pay-after",
)  # fmt: skip
_CALLS = ("crash", "early event", *(f"stripe {kind}" for kind in _STRIPE))
# What may go wrong while somebody does something.
FAULTS = {
    "fan": _CALLS,
    "worker": (*_CALLS, "mail away", "mail 451", "mail 550", "mail cut"),
    "event": ("crash", "event lost", "event forged", "event stale"),
    "desk": ("crash",),
    "plant": ("crash",),
    "rush": ("crash",),
    "clock": ("clock skew",),
    "label": (),
    "bank": (),
}


@dataclass(frozen=True)
class Step:
    """One deed of one person; `beside` are others done at the same time, `fault` what goes wrong meanwhile."""

    deed: str
    who: int
    dice: int
    fault: str = ""
    beside: "tuple[Step, ...]" = ()

    def as_json(self) -> list[Any]:
        """As it is kept in a file."""
        return [self.deed, self.who, self.dice, self.fault, [each.as_json() for each in self.beside]]

    @classmethod
    def from_json(cls, kept: list[Any]) -> "Step":
        """As it was kept."""
        *plain, beside = kept
        return cls(*plain, tuple(cls.from_json(each) for each in beside))


@dataclass(frozen=True)
class Shop:
    """What the shop of a seed is like: some seeds have few copies and many fans, some have hard limits, some have short holds."""

    fans: int
    copies: tuple[int, int]
    limit: int | None
    run_limit: int | None
    hold_minutes: int
    refund_limit: int | None
    share_beside: float
    share_faulty: float
    faults: frozenset[str]


def shop_of(seed: int) -> Shop:
    """The shop of a seed."""
    dice = Random(f"shop {seed}")  # noqa: S311 - a story, no secret
    return Shop(
        fans=dice.randint(2, 7),
        copies=(dice.randint(1, 5), dice.randint(1, 3)),
        limit=dice.choice((None, None, 1, 2, 3)),
        run_limit=dice.choice((None, None, 1, 2)),
        hold_minutes=dice.choice((1, 5, 10, 10)),
        refund_limit=dice.choice((None, 2000)),
        share_beside=dice.choice((0.0, 0.1, 0.3)),
        share_faulty=dice.choice((0.0, 0.1, 0.3, 0.5)),
        faults=frozenset(fault for fault in _all_faults() if dice.random() < 0.5),
    )


def draw(seed: int, count: int) -> list[Step]:
    """The first steps of a seed's story."""
    dice, shop = Random(f"steps {seed}"), shop_of(seed)  # noqa: S311 - a story, no secret
    return [_step(dice, shop) for _ in range(count)]


def _step(dice: Random, shop: Shop) -> Step:
    together = dice.random() < shop.share_beside
    deed, who, own = _deed(dice, BESIDE if together else DEEDS)
    beside: list[Step] = []
    if deed == "rush":
        beside = [Step(deed, who + n, dice.getrandbits(32)) for n in range(1, dice.randint(2, 4))]
    elif together:
        beside = [Step(*_deed(dice, BESIDE))]
    fault = _fault(dice, shop, (*FAULTS[deed], *(("database busy",) if beside else ())))
    return Step(deed, who, own, fault, tuple(beside))


def _fault(dice: Random, shop: Shop, possible: tuple[str, ...]) -> str:
    able = [fault for fault in possible if fault in shop.faults]
    return dice.choice(able) if able and dice.random() < shop.share_faulty else ""


def _all_faults() -> list[str]:
    """Each once, always in the same sequence."""
    return list(dict.fromkeys([*(fault for possible in FAULTS.values() for fault in possible), "database busy"]))


def _deed(dice: Random, weights: dict[str, float]) -> tuple[str, int, int]:
    [deed] = dice.choices(list(weights), list(weights.values()))
    return deed, dice.randrange(1000), dice.getrandbits(32)
