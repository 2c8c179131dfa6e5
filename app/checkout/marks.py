"""What we write on Stripe's objects, so that a shop whose last rows were lost can tell from them what was sold to whom."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.inventory.models import Hold
from app.inventory.numbers import numbered
from app.orders.models import Order
from app.orders.totals import Quote
from app.payments.models import CheckoutAttempt

_LONGEST = 500  # characters of one value, says Stripe
_LINE = re.compile(r"(\d{1,18})@(\d{1,9})(?:\+(\d{1,9}))?:([\d,-]+)")


@dataclass(frozen=True)
class SoldLine:
    """Copies of a run at a price each, in minor units; `off` is what a code took off each."""

    run_id: int
    unit: int
    numbers: tuple[int, ...]
    off: int = 0


@dataclass(frozen=True)
class Marks:
    """What was read off one of Stripe's objects; `lines` are empty when they were too many to be written down.

    `order_number` and `order_id` are there once the money was taken. `copies` is for people.
    """

    hold_id: int
    attempt_id: int
    drop: str
    lines: tuple[SoldLine, ...]
    rate_id: int
    order_number: int
    order_id: int
    copies: str
    code: str = ""
    postage_off: int = 0


def of_session(attempt: CheckoutAttempt, hold: Hold, quote: Quote, drop: str, shop: str) -> dict[str, str]:
    """For a session and its intent; `drop` is its slug, `shop` says that the object is ours."""
    lines = ";".join(f"{line.run_id}@{line.unit.amount}{_plus(line.off)}:{_ranges(line.numbers)}" for line in quote.lines)
    copies = "; ".join(f"{line.title}: {numbered(line.numbers, line.last)}" for line in quote.lines)
    return {
        "shop": shop,
        "hold": str(hold.id),
        "attempt": str(attempt.id),
        "key": attempt.idempotency_key,
        "drop": drop[:_LONGEST],
        "lines": lines if len(lines) <= _LONGEST else "",
        "rate": str(quote.postage.rate_id),
        "copies": copies[:_LONGEST],
        **({"code": quote.discount.code, "postage_off": str(quote.postage.off)} if quote.discount else {}),
    }


def of_order(order: Order) -> dict[str, str]:
    """For the intent whose money is taken for an order."""
    return {"order": order.reference, "order_id": str(order.id)}


def read(metadata: Mapping[str, str]) -> Marks:
    """What an object says; nought and nothing where it says nothing, or something that we would not have written."""
    return Marks(
        hold_id=_number(metadata, "hold"),
        attempt_id=_number(metadata, "attempt"),
        drop=metadata.get("drop", ""),
        lines=_lines(metadata.get("lines", "")),
        rate_id=_number(metadata, "rate"),
        order_number=_number(metadata, "order"),
        order_id=_number(metadata, "order_id"),
        copies=metadata.get("copies", ""),
        code=metadata.get("code", ""),
        postage_off=_number(metadata, "postage_off"),
    )


def _number(metadata: Mapping[str, str], name: str) -> int:
    found = re.fullmatch(r"\d{1,18}", metadata.get(name, ""))
    return int(found[0]) if found else 0


def _lines(written: str) -> tuple[SoldLine, ...]:
    found = [_LINE.fullmatch(part) for part in written.split(";")]
    lines = tuple(SoldLine(int(line[1]), int(line[2]), _numbers(line[4]), int(line[3] or 0)) for line in found if line)
    return lines if len(lines) == len(found) and all(line.numbers for line in lines) else ()


def _plus(off: int) -> str:
    return f"+{off}" if off else ""


def _ranges(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 is `1-3,7`."""
    ordered = sorted(numbers)
    breaks = [0, *(at for at, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1), len(ordered)]
    parts = [(ordered[a], ordered[b - 1]) for a, b in pairwise(breaks)]
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def _numbers(written: str) -> tuple[int, ...]:
    bounds = [part.split("-") for part in written.split(",")]
    if not all(len(part) <= 2 and all(re.fullmatch(r"\d{1,6}", bound) for bound in part) for part in bounds):
        return ()
    return tuple(number for part in bounds for number in range(int(part[0]), int(part[-1]) + 1))
