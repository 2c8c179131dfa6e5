"""Opens a hold and takes its copies with a single statement, where the database can: PostgreSQL, for the usual first click."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, func, insert, literal, literal_column, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.orm import Session

from app.inventory.claim_statements import STILL_FREE, picked
from app.inventory.claims import FAN
from app.inventory.holds import FRESH, Opened
from app.inventory.models import Copy, Hold, StockMovement
from app.inventory.states import CopyState, HoldState
from app.kernel.ready import Ready
from app.kernel.schema import table

_HOLDS, _COPIES, _MOVEMENTS = table(Hold), table(Copy), table(StockMovement)


def is_possible(session: Session) -> bool:
    """Can this database do it?"""
    return session.get_bind().dialect.name == "postgresql"


@dataclass(frozen=True)
class Provided:
    """What must be true as well: a condition, and its parameters."""

    condition: ColumnElement[bool]
    known: Mapping[str, Any]


def at_once(  # noqa: PLR0913, PLR0917 - each says something else about one hold
    session: Session, run_id: int, quantity: int, drop_id: int, fan: str, network: str, now: datetime, expires_at: datetime,
    provided: Provided | None = None,
) -> tuple[Opened, list[int]] | None:  # fmt: skip
    """A new hold and the numbers in it; None, and nothing changed, when the fan has one already, or too few are free."""
    about = {"drop_id": drop_id, "fan": fan, "network": network, "created_at": now, "expires_at": expires_at}
    statement = _at_once(quantity, provided.condition if provided else None)
    rows = statement.rows(session, run=run_id, **about, **(provided.known if provided else {}))
    if not rows:
        return None
    return Opened(rows[0][0], HoldState.ACTIVE, 1, expires_at, fresh=True), [number for _, number in rows]


@lru_cache(128)
def _at_once(quantity: int, besides: ColumnElement[bool] | None) -> Ready:
    """All or nothing: no hold unless all copies are there, no copy moves without the hold, none without its movement."""
    given = {name: bindparam(name, type_=_HOLDS.c[name].type) for name in ("drop_id", "fan", "network", "created_at", "expires_at")}
    values = {**{name: literal(value, _HOLDS.c[name].type) for name, value in FRESH.items()}, **given}
    free = picked(quantity)
    enough = select(func.count()).select_from(free).scalar_subquery() == literal_column(str(quantity), Integer)
    opened = (
        postgres_insert(_HOLDS)
        .from_select(list(values), select(*values.values()).where(enough, true() if besides is None else besides))
        .on_conflict_do_nothing()
        .returning(_HOLDS.c.id)
        .cte("opened")
    )
    taken = (
        update(_COPIES)
        .where(_COPIES.c.id.in_(select(free.c.id)), STILL_FREE)
        .values(state=CopyState.HELD, hold_id=select(opened.c.id).scalar_subquery())
        .where(select(opened.c.id).exists())
        .returning(_COPIES.c.id, _COPIES.c.number, _COPIES.c.hold_id)
        .cte("taken")
    )
    told = {
        "copy_id": taken.c.id,
        "at": bindparam("created_at", type_=_HOLDS.c.created_at.type),
        "before": literal(CopyState.AVAILABLE, _MOVEMENTS.c.before.type),
        "after": literal(CopyState.HELD, _MOVEMENTS.c.after.type),
        "hold_id": taken.c.hold_id,
        "actor": literal(FAN),
        "reason": literal(""),
    }
    moved = insert(_MOVEMENTS).from_select(list(told), select(*told.values())).cte("moved")
    return Ready(select(taken.c.hold_id, taken.c.number).order_by(taken.c.number).add_cte(moved))
