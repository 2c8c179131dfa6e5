"""How many copies a buyer already has in a drop: orders, and by e-mail what is being paid; not what was cancelled or returned."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.inventory.models import Copy, Hold
from app.inventory.states import LIVE, CopyState
from app.kernel.ready import Ready
from app.kernel.schema import is_one_of, table
from app.orders.models import Order, OrderLine, OrderState
from app.payments import attempts

_COPIES, _HOLDS, _LINES, _ORDERS = table(Copy), table(Hold), table(OrderLine), table(Order)


def owned_by_fan(session: Session, drop_id: int, fan: str) -> dict[int, int]:
    """Copies per run id in this fan's orders; their own live hold is not counted, it is what they are changing."""
    return dict(_ORDERED_BY_FAN.rows(session, drop=drop_id, fan=fan))


def owned_by_email(session: Session, drop_id: int, email_key: str, besides: int) -> dict[int, int]:
    """Copies per run id that were ordered under this e-mail, and in the holds other than `besides` that are being paid with it.

    Anybody can type an e-mail: a hold that never went to pay, or may no longer be paid, takes nothing away from its owner.
    An order's own address may be corrected later; that changes whom we write to, not who has bought.
    """
    ordered: dict[int, int] = dict(_ORDERED_BY_EMAIL.rows(session, drop=drop_id, email=email_key))
    held: dict[int, int] = dict(_PAID_BY_EMAIL.rows(session, drop=drop_id, email=email_key, besides=besides))
    return {run: ordered.get(run, 0) + held.get(run, 0) for run in {*ordered, *held}}


def _ordered(*whose: ColumnElement[bool]) -> Select[Any]:
    return (
        select(_LINES.c.run_id, func.count(_COPIES.c.id))
        .join_from(_LINES, _ORDERS, _ORDERS.c.id == _LINES.c.order_id)
        .join(_COPIES, _COPIES.c.order_line_id == _LINES.c.id)
        .where(*whose, _ORDERS.c.state == OrderState.PLACED)
        .group_by(_LINES.c.run_id)
    )


_UNDER_IT = (_HOLDS.c.drop_id == bindparam("drop"), _HOLDS.c.email_key == bindparam("email"))
_ORDERED_BY_FAN = Ready(_ordered(_ORDERS.c.drop_id == bindparam("drop"), _ORDERS.c.fan == bindparam("fan")))
_ORDERED_BY_EMAIL = Ready(_ordered(_ORDERS.c.hold_id.in_(select(_HOLDS.c.id).where(*_UNDER_IT))))
_PAID_BY_EMAIL = Ready(
    select(_COPIES.c.run_id, func.count())
    .join_from(_COPIES, _HOLDS, _HOLDS.c.id == _COPIES.c.hold_id)
    .where(*_UNDER_IT, _HOLDS.c.id != bindparam("besides"), attempts.being_paid(_HOLDS.c.id))
    .where(is_one_of(_HOLDS.c.state, *LIVE), _COPIES.c.state == CopyState.HELD)
    .group_by(_COPIES.c.run_id)
)
