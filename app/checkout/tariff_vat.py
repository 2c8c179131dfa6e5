"""What a rate of the tariff comes to for an order whose label adds VAT to its prices."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.orders.models import Order
from app.orders.taxes import on_top, shared
from app.orders.vat_models import OrderTax
from app.payments.models import CheckoutAttempt


def with_vat(session: Session, order: Order, amount: int) -> int:
    """The amount, with VAT at the rates of the order's own postage where prices were agreed without; in minor units."""
    agreed = session.scalar(select(CheckoutAttempt.quote).where(CheckoutAttempt.id == order.attempt_id)) or {}
    if not (agreed.get("vat") or {}).get("exclusive"):
        return amount
    posted = select(OrderTax.net, OrderTax.rate).where(OrderTax.order_id == order.id, OrderTax.order_line_id.is_(None))
    rows = session.execute(posted.order_by(OrderTax.id)).all()
    parts = shared(amount, [net for net, _ in rows]) if any(net for net, _ in rows) else []
    return amount + sum(on_top(part, rate) for part, (_, rate) in zip(parts, rows, strict=True)) if parts else amount
