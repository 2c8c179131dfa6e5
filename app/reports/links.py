"""The addresses of holds and orders, for pages and letters alike: the token in them is the key."""

from app.inventory import holds
from app.inventory.holds import Opened
from app.inventory.models import Hold
from app.kernel.tokens import Tokens
from app.orders import placing
from app.orders.models import Order


def hold_token(tokens: Tokens, hold: Hold | Opened) -> str:
    """The token of a hold; raising its generation revokes it."""
    return tokens.make(holds.KIND, hold.id, hold.generation)


def order_token(tokens: Tokens, order: Order) -> str:
    """The token of an order; raising its generation revokes it."""
    return tokens.make(placing.KIND, order.id, order.generation)


def hold_path(tokens: Tokens, hold: Hold | Opened) -> str:
    """Where a hold's page is, without the host."""
    return f"/holds/{hold_token(tokens, hold)}"


def order_path(tokens: Tokens, order: Order) -> str:
    """Where an order's page is, without the host."""
    return f"/orders/{order_token(tokens, order)}"
