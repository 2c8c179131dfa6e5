"""Links whose token is the key: found, proven, and written in full from BASE_URL."""

from sqlalchemy.orm import Session

from app.checkout.requests import Returns
from app.inventory import holds
from app.inventory.holds import Opened
from app.inventory.models import Hold
from app.kernel.errors import NotFound
from app.orders import placing
from app.orders.models import Order
from app.reports import links
from app.web.house import house


def shop_id() -> str:
    """What marks our objects on a Stripe account that other shops may share."""
    return house().shop


def absolute(path: str) -> str:
    """The whole address of one of our paths."""
    return house().settings.base_url + path


def hold_token(hold: Hold | Opened) -> str:
    """The token of a hold."""
    return links.hold_token(house().tokens, hold)


def hold_link(hold: Hold | Opened) -> str:
    """The path of a hold's page."""
    return links.hold_path(house().tokens, hold)


def order_link(order: Order) -> str:
    """The path of an order's page."""
    return links.order_path(house().tokens, order)


def returns_of(hold: Hold) -> Returns:
    """Where Stripe sends the fan of this hold."""
    page = absolute(hold_link(hold))
    return Returns(paid=f"{page}/paid", back=page, shop=shop_id())


def hold_of_token(session: Session, token: str) -> Hold:
    """The hold whose token this is; NotFound for any other text."""
    id_ = house().tokens.peek(token)
    hold = session.get(Hold, id_) if id_ else None
    if hold is None or not house().tokens.proves(token, holds.KIND, hold.id, hold.generation):
        raise NotFound("There is no such hold. Perhaps the link was cut off when it was copied.")
    return hold


def order_of_token(session: Session, token: str) -> Order:
    """The order whose token this is; NotFound for any other text."""
    id_ = house().tokens.peek(token)
    order = session.get(Order, id_) if id_ else None
    if order is None or not house().tokens.proves(token, placing.KIND, order.id, order.generation):
        raise NotFound("There is no such order. Perhaps the link was cut off when it was copied; we can mail it to you again.")
    return order
