"""The orders that a person may be mailed the links of."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.orders.models import Order

_MOST = 20


def orders_of(session: Session, email_key: str) -> list[tuple[int, ...]]:
    """The newest orders of an address, by id, newest first; apart where it was written differently, for each letter goes
    only to the very address that its orders were made with.
    """
    mine = select(Order.id, Order.email).where(Order.email_key == email_key).order_by(Order.id.desc()).limit(_MOST)
    by_address: dict[str, list[int]] = {}
    for order_id, email in session.execute(mine):
        by_address.setdefault(email.lower(), []).append(order_id)
    return [tuple(ids) for ids in by_address.values()]
