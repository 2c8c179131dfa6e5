"""Drops as rows of the desk's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.drops.doors import Door, DoorState, state
from app.drops.models import Drop, DropRun
from app.drops.stages import Stage, stage
from app.inventory import counts
from app.inventory.counts import Stock


@dataclass(frozen=True)
class DropRow:
    """A drop in the list; `sold` of `made` copies of all its runs."""

    id: int
    title: str
    slug: str
    state: DoorState
    stage: Stage
    opens_at: datetime
    closes_at: datetime | None
    zone: str
    runs: list[str]
    sold: int
    held: int
    made: int


def rows(session: Session, label_ids: Sequence[int], now: datetime) -> list[DropRow]:
    """Drops of these labels, latest opening first."""
    entries = selectinload(Drop.entries).joinedload(DropRun.run)
    found = session.scalars(
        select(Drop)
        .where(Drop.label_id.in_(label_ids))
        .order_by(Drop.opens_at.desc(), Drop.id.desc())
        .options(joinedload(Drop.label), entries)
    ).all()
    stock = counts.stock(session, list({entry.run_id for drop in found for entry in drop.entries}))
    return [_row(drop, [stock[entry.run_id] for entry in drop.entries], now) for drop in found]


def _row(drop: Drop, stocks: Sequence[Stock], now: datetime) -> DropRow:
    return DropRow(
        id=drop.id,
        title=drop.title,
        slug=drop.slug,
        state=state_of(drop, stocks, now),
        stage=stage(Door.of(drop), now),
        opens_at=drop.opens_at,
        closes_at=Door.of(drop).closes_at,
        zone=drop.label.time_zone,
        runs=[entry.run.title for entry in drop.entries],
        sold=sum(stock.sold for stock in stocks),
        held=sum(stock.held for stock in stocks),
        made=sum(stock.made for stock in stocks),
    )


def state_of(drop: Drop, stocks: Sequence[Stock], now: datetime) -> DoorState:
    """The state of a drop with these stocks of its runs."""
    free, held = sum(stock.available for stock in stocks), sum(stock.held for stock in stocks)
    return state(Door.of(drop), now, available=free, held=held)
