"""The orders that a person may be mailed the links of."""

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.orders.models import Order

_MOST = 20


def orders_of(session: Session, written: str, email_key: str) -> list[tuple[int, ...]]:
    """The newest orders of an address, by id, newest first; apart where it was written differently, for each letter goes
    only to the very address that its orders were made with. What was given away has no key, and is found as it was written.
    """
    given = and_(Order.email_key == "", Order.total_amount == 0, func.lower(Order.email) == written.lower())
    mine = select(Order.id, Order.email).where(or_(Order.email_key == email_key, given))
    by_address: dict[str, list[int]] = {}
    for order_id, email in session.execute(mine.order_by(Order.id.desc()).limit(_MOST)):
        by_address.setdefault(email.lower(), []).append(order_id)
    return [tuple(ids) for ids in by_address.values()]
