"""Copies that have left their order again, read from their movements."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory.models import StockMovement
from app.inventory.states import CopyState
from app.kernel.schema import is_one_of

_GONE = (CopyState.AVAILABLE, CopyState.WITHDRAWN)


def of_lines(session: Session, line_ids: Sequence[int]) -> dict[int, list[tuple[int, CopyState]]]:
    """The copies that each order line had until it was emptied, and where they went, those that left last first."""
    had = select(StockMovement.copy_id).where(
        StockMovement.order_line_id.in_(line_ids), is_one_of(StockMovement.after, CopyState.ALLOCATED)
    )
    left = select(StockMovement.order_line_id, StockMovement.copy_id, StockMovement.after).where(
        StockMovement.copy_id.in_(had),
        StockMovement.order_line_id.in_(line_ids),
        StockMovement.before == CopyState.ALLOCATED,
        StockMovement.after.in_(_GONE),
    )
    found: dict[int, list[tuple[int, CopyState]]] = {line_id: [] for line_id in line_ids}
    for line_id, copy_id, after in session.execute(left.order_by(StockMovement.id.desc())):
        if line_id is not None:
            found[line_id].append((copy_id, after))
    return found
