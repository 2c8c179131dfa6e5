"""A label's customers: who bought of it, for its owner to take along."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.orders.models import Order, OrderState
from app.payments.models import Refund
from app.payments.states import GONE
from app.reports.sheets import Row, Sheet

HEADS = ("name", "email", "country", "orders", "spent", "currency", "first_order", "last_order")
_AT_ONCE = 500


def sheet(session: Session, label_id: int) -> Sheet:
    """Everybody who has bought and is still known, by e-mail: orders that stand, and what was paid for them less what went back."""
    return Sheet("Customers", HEADS, _rows(session, label_id))


def count(session: Session, label_id: int) -> int:
    """How many they are."""
    mine = select(func.count(func.distinct(func.lower(Order.email)))).where(Order.label_id == label_id, Order.email != "")
    return session.scalar(mine) or 0


def _rows(session: Session, label_id: int) -> Iterator[Row]:
    for row in session.execute(_wanted(label_id).execution_options(yield_per=_AT_ONCE)):
        spent: Decimal = Money(int(row.spent), row.currency).decimal
        yield (
            row.name, row.email, row.country, int(row.orders), spent, row.currency,
            f"{row.first:%Y-%m-%d}", f"{row.last:%Y-%m-%d}",
        )  # fmt: skip


def _wanted(label_id: int) -> Select[Any]:
    stands = Order.state == OrderState.PLACED
    back = select(Refund.order_id, func.sum(Refund.amount).label("back")).where(Refund.state.in_(GONE)).group_by(Refund.order_id)
    gone = back.subquery()
    paid = case((stands, Order.total_amount - func.coalesce(gone.c.back, 0)), else_=0)
    by_email = (
        select(
            func.max(Order.id).label("newest"), func.sum(case((stands, 1), else_=0)).label("orders"),
            func.sum(paid).label("spent"), func.min(Order.placed_at).label("first"), func.max(Order.placed_at).label("last"),
        )
        .outerjoin(gone, gone.c.order_id == Order.id)
        .where(Order.label_id == label_id, Order.email != "")
        .group_by(func.lower(Order.email), Order.currency)
    ).subquery()  # fmt: skip
    columns = (Order.name, Order.email, Order.country, Order.currency, by_email.c.orders, by_email.c.spent)
    known = select(*columns, by_email.c.first, by_email.c.last).join(by_email, by_email.c.newest == Order.id)
    return known.order_by(Order.id)
