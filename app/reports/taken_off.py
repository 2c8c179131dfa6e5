"""What went back of an order, taken off what it cost."""

from collections.abc import Sequence

from app.kernel.money import Money
from app.orders.totals import total
from app.payments.states import GIVEN
from app.reports.given_back import Back, BackLine


def returned(backs: Sequence[Back]) -> tuple[BackLine, ...]:
    """What money went back for or is on its way for; not what fell through."""
    return tuple(line for each in backs if each.state in GIVEN for line in each.lines)


def remains(paid: Money, lines: Sequence[BackLine]) -> Money:
    """What an order costs after all that went back."""
    return paid - total([line.amount for line in lines], paid.currency)
