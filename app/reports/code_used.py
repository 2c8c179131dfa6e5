"""What a discount code took off an order, and what everything in it costs without one."""

from dataclasses import dataclass

from app.kernel.money import Money
from app.orders.models import Order, OrderLine


@dataclass(frozen=True)
class CodeUsed:
    """The code of an order, and what it took off goods and postage."""

    id: int
    code: str
    amount: Money


def code_used(order: Order) -> CodeUsed | None:
    """The code that made this order cost less."""
    if order.coded is None:
        return None
    full = sum(amount.amount for amount in full_lines(order).values()) + full_postage(order).amount
    return CodeUsed(order.coded.code_id, order.coded.code.code, Money(full - order.total_amount, order.currency))


def full_lines(order: Order) -> dict[int, Money]:
    """What each line of an order costs without the code, by its id."""
    return {line.id: Money((line.unit_amount + off) * line.quantity, order.currency) for line, off in _lines(order)}


def full_postage(order: Order) -> Money:
    """What its postage costs without the code."""
    return Money(order.postage_amount + (order.coded.postage_off if order.coded else 0), order.currency)


def _lines(order: Order) -> list[tuple[OrderLine, int]]:
    return [(line, line.discount.off if order.coded and line.discount else 0) for line in order.lines]
