"""The statements with which claims moves copies in a rush: built once, they move nothing by themselves."""

from functools import lru_cache

from sqlalchemy import CTE, Integer, Text, bindparam, insert, literal_column, select, type_coerce, update

from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.ready import Ready
from app.kernel.schema import is_one_of, table

COPIES = table(Copy)
MOVED = Ready(
    insert(table(StockMovement)).values(
        before=CopyState.AVAILABLE,
        reason="",
        **{name: bindparam(name) for name in ("copy_id", "at", "after", "actor", "hold_id", "order_line_id")},
    )
)
_FREE = is_one_of(COPIES.c.state, CopyState.AVAILABLE)
# A second look at copies that are named by their keys. No index of free copies may answer it: a planner that last looked when
# nothing was free takes reading all of that index to be cheaper than finding a key, and a take then reads every free copy.
STILL_FREE = type_coerce(COPIES.c.state, Text).concat(literal_column("''")) == literal_column(f"'{CopyState.AVAILABLE}'")


def picked(quantity: int) -> CTE:
    """So many free copies of a run, the lowest numbers first.

    How many is written out: PostgreSQL keeps a plan only where it need not fear that far more rows come. The pick is
    materialised: with the LIMIT in a plain sub-select a nested-loop plan may run it again per row.
    """
    return (
        select(COPIES.c.id)
        .where(COPIES.c.run_id == bindparam("run"), _FREE, COPIES.c.number.is_not(None))
        .order_by(COPIES.c.number)
        .limit(literal_column(str(quantity), Integer))
        .with_for_update(skip_locked=True)
        .cte("picked")
        .prefix_with("MATERIALIZED")
    )


@lru_cache(128)
def take(quantity: int) -> Ready:
    """So many free copies of a run at once: to a hold, or to an order line; their numbers and ids."""
    return Ready(
        update(COPIES)
        .where(COPIES.c.id.in_(select(picked(quantity).c.id)), STILL_FREE)
        .values(state=bindparam("after"), hold_id=bindparam("hold"), order_line_id=bindparam("line"))
        .returning(COPIES.c.number, COPIES.c.id)
    )


_HELD = (  # in one sequence, as everybody locks them
    select(COPIES.c.id)
    .where(COPIES.c.hold_id == bindparam("hold"), COPIES.c.run_id == bindparam("run"))
    .order_by(COPIES.c.id)
    .limit(bindparam("quantity", type_=Integer))
    .with_for_update()
    .cte("held")
    .prefix_with("MATERIALIZED")
)
ALLOCATE = Ready(
    update(COPIES)
    .where(COPIES.c.id.in_(select(_HELD.c.id)), is_one_of(COPIES.c.state, CopyState.HELD))
    .values(state=CopyState.ALLOCATED, hold_id=None, order_line_id=bindparam("line"))
    .returning(COPIES.c.number, COPIES.c.id)
)
ALLOCATED = Ready(
    insert(table(StockMovement)).values(
        before=CopyState.HELD,
        after=CopyState.ALLOCATED,
        actor="machine",  # as claims.MACHINE
        reason="",
        **{name: bindparam(name) for name in ("copy_id", "at", "hold_id", "order_line_id")},
    )
)
