"""Links to one file for a day: made for an order, and good for nothing else of it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.orders.models import Order
from app.web.house import house, now

LASTS = timedelta(days=1)  # long enough for two gigabytes over a slow line, with a night between


def path(order: Order, file_id: int) -> str:
    """A new link."""
    until = int((now() + LASTS).timestamp())
    return f"/files/{file_id}/{until}/{house().tokens.make(_kind(file_id, until), order.id, order.generation)}"


def _kind(file_id: int, until: int) -> str:
    """What a link's token is for: one file until one moment."""
    return f"file {file_id} until {until}"


def order_of(session: Session, file_id: int, until: int, token: str) -> Order:
    """The order that a link was made for; NotFound for one that is over, or was never made."""
    id_ = house().tokens.peek(token)
    order = session.get(Order, id_) if id_ else None
    if order is None or not house().tokens.proves(token, _kind(file_id, until), order.id, order.generation):
        raise NotFound("There is no such file. Perhaps the link was cut off when it was copied; your order's page has a new one.")
    if now() >= datetime.fromtimestamp(until, UTC):
        raise NotFound("This link worked for a day, and that is over. Open your order's page and click the file again.")
    return order
