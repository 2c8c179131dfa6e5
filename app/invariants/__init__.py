"""What must always be true: each entry is a query for offenders, and on a sound shop none of them finds a row."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from app.invariants.back import DISPUTES, REFUNDS
from app.invariants.discounts import DISCOUNTS
from app.invariants.history import HISTORY
from app.invariants.kind import AGO, Invariant
from app.invariants.money import MONEY, TIME
from app.invariants.orders import COUNTS, JOBS, MISHAPS, ORDERS, PARCELS
from app.invariants.preorders import PREORDERS
from app.invariants.shortfalls import SHORTFALLS
from app.invariants.stock import LIMITS, STOCK
from app.invariants.vat import VAT
from app.kernel.schema import UtcInstant

_SALES = (*STOCK, *LIMITS, *TIME, *MONEY, *REFUNDS, *DISPUTES, *DISCOUNTS)
INVARIANTS: tuple[Invariant, ...] = (
    *_SALES, *VAT, *ORDERS, *PARCELS, *PREORDERS, *MISHAPS, *SHORTFALLS, *COUNTS, *JOBS, *HISTORY,
)  # fmt: skip
MOST = 100  # offenders shown per invariant
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def offenders(session: Session, now: datetime, since: datetime | None = None) -> list[tuple[Invariant, Sequence[Any]]]:
    """The broken invariants, each with at most a hundred offending rows; with `since`, history before it is not looked at."""
    broken = []
    for invariant in INVARIANTS:
        rows = find(session, invariant, now, since)
        if rows:
            broken.append((invariant, rows))
    return broken


def find(session: Session, invariant: Invariant, now: datetime, since: datetime | None = None) -> Sequence[Any]:
    """The rows that break one invariant; empty when it holds."""
    return session.execute(question(invariant.sql), instants(now, since)).fetchmany(MOST)


def question(sql: str) -> TextClause:
    """The statement in which every name is an instant; see `instants`."""
    return text(sql).bindparams(*(bindparam(name, type_=UtcInstant()) for name in set(re.findall(r":([a-z_]+)", sql))))


def instants(now: datetime, since: datetime | None = None) -> dict[str, datetime]:
    """What the names in a question stand for."""
    return {name: now - age for name, age in AGO.items()} | {"now": now, "since": since or _BEGINNING}
