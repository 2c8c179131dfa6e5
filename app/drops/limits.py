"""How many copies one fan may have: per run and per drop, the stricter wins; pure arithmetic and the buyer's lock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.drops.models import BuyerLock
from app.drops.sale import OnSale, Sale
from app.kernel.errors import OverLimit
from app.kernel.ready import Ready
from app.kernel.schema import table
from app.kernel.upsert import insert_for


def check(sale: Sale, wanted: Mapping[int, int], owned: Mapping[int, int]) -> None:
    """OverLimit when `wanted` copies per run id, on top of those `owned` in other holds and orders, are too many."""
    for run in sale.runs:
        already = owned.get(run.run_id, 0)
        if run.limit is not None and wanted.get(run.run_id, 0) and wanted[run.run_id] + already > run.limit:
            raise OverLimit(_sentence(run.limit, f"of {_named(sale, run)}", already), drop=sale.slug, limit=run.limit)
    most, already = sale.limit, sum(owned.values())
    if most is not None and sum(wanted.values()) + already > most:
        raise OverLimit(_sentence(most, "from this drop", already), drop=sale.slug, limit=most)


def _named(sale: Sale, run: OnSale) -> str:
    """What a fan calls these copies: the release, and its run where the drop sells several of it."""
    several = sum(other.release_id == run.release_id for other in sale.runs) > 1
    return f"{run.release} ({run.title})" if several else run.release


def _sentence(most: int, of_what: str, already: int) -> str:
    have = f", and you have {already} already" if already else ""
    copies = "copy" if most == 1 else "copies"
    then = " Choose fewer and try again." if already < most else ""
    return f"Each fan may have {most} {copies} {of_what}{have}.{then}"


_LOCKS = table(BuyerLock).c
_MINE: dict[str, Any] = {name: bindparam(name) for name in ("drop_id", "email_key")}
_BUYER = {  # by dialect
    dialect: Ready(insert_for(dialect, BuyerLock).values(**_MINE).on_conflict_do_nothing()) for dialect in ("sqlite", "postgresql")
}
_LOCK = Ready(select(_LOCKS.drop_id).where(*(_LOCKS[name] == value for name, value in _MINE.items())).with_for_update())


def lock_buyer(session: Session, drop_id: int, email_key: str) -> None:
    """Wait until nobody else counts this buyer's copies, and keep others waiting until the transaction ends."""
    buyer, insert = {"drop_id": drop_id, "email_key": email_key}, _BUYER[session.get_bind().dialect.name]
    insert.rows(session, **buyer)
    while not _LOCK.rows(session, **buyer):  # forgotten in this very moment
        insert.rows(session, **buyer)


def deadline(sale: Sale, now: datetime) -> datetime:
    """When a hold begun now ends."""
    return now + timedelta(minutes=sale.hold_minutes)
