"""How many copies a buyer already has in a drop: orders, and by e-mail what is being paid; not what was cancelled or returned."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.inventory import holds
from app.inventory.models import Copy, Hold
from app.orders.models import Order, OrderLine, OrderState
from app.payments import attempts


def owned_by_fan(session: Session, drop_id: int, fan: str) -> dict[int, int]:
    """Copies per run id in this fan's orders; their own live hold is not counted, it is what they are changing."""
    return _ordered(session, and_(Order.drop_id == drop_id, Order.fan == fan))


def owned_by_email(session: Session, drop_id: int, email_key: str, besides: int) -> dict[int, int]:
    """Copies per run id that were ordered under this e-mail, and in the holds other than `besides` that are being paid with it.

    Anybody can type an e-mail: a hold that never went to pay, or may no longer be paid, takes nothing away from its owner.
    An order's own address may be corrected later; that changes whom we write to, not who has bought.
    """
    under_it = and_(Hold.drop_id == drop_id, Hold.email_key == email_key)
    ordered = _ordered(session, Order.hold_id.in_(select(Hold.id).where(under_it)))
    held = holds.held_by(session, and_(under_it, Hold.id != besides, attempts.being_paid(Hold.id)))
    return {run: ordered.get(run, 0) + held.get(run, 0) for run in {*ordered, *held}}


def _ordered(session: Session, whose: ColumnElement[bool]) -> dict[int, int]:
    rows = session.execute(
        select(OrderLine.run_id, func.count(Copy.id))
        .join(Order, Order.id == OrderLine.order_id)
        .join(Copy, Copy.order_line_id == OrderLine.id)
        .where(whose, Order.state == OrderState.PLACED)
        .group_by(OrderLine.run_id)
    )
    return dict(rows.all())
