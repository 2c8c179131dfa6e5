"""Orders that older code placed while an upgrade was under way: noted as not taxed, like those from before it."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.orders.models import Order
from app.orders.taxes import Tax
from app.orders.vat import freeze
from app.orders.vat_models import OrderTax, TaxedAs, VatKind
from app.orders.vat_rates import kind_of

LOOKED_AT = 5_000  # of the newest orders: more are not sold between two steps of an upgrade


def missing(session: Session) -> list[int]:
    """The ids of orders without a word on what they were taxed."""
    newest = session.scalar(select(func.max(Order.id))) or 0
    bare = select(Order.id).where(Order.id > newest - LOOKED_AT, ~exists().where(OrderTax.order_id == Order.id))
    return list(session.scalars(bare.order_by(Order.id)))


def note(session: Session) -> int:
    """Note them as not taxed; how many."""
    ids = missing(session)
    for order in session.scalars(select(Order).where(Order.id.in_(ids))):
        lines = [_tax(at, order, kind_of(line.run.format), line.quantity * line.unit_amount) for at, line in enumerate(order.lines)]
        posted = [_tax(None, order, lines[0].kind, order.postage_amount)] if order.postage_amount else []
        freeze(session, order, [*lines, *posted])
    return len(ids)


def _tax(at: int | None, order: Order, kind: VatKind, amount: int) -> Tax:
    return Tax(at, TaxedAs.UNSAID, order.country, kind, 0, amount, 0)
