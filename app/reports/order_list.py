"""Orders as the desk lists them: newest first, by stage, drop and search, a page at a time that keeps its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.fulfilment.models import Parcel, Shipment
from app.orders.models import Order
from app.reports.finding import matching
from app.reports.order_filters import NONE, Filters, conditions
from app.reports.order_rows import OrderRow, rows
from app.reports.order_stage import CONDITIONS, HERE, STAGE_HERE, Stage

PAGE = 50
MOST_COUNTED = 2_000
_AHEAD = "ahead"


@dataclass(frozen=True)
class Wish:
    """Which orders: of these labels, in a stage, of a drop, matching what was typed and filtered; before or after an order's id.

    `ids` are those that were found before, if any.
    """

    label_ids: tuple[int, ...]
    stage: Stage | None = None
    drop_id: int | None = None
    typed: str = ""
    before: int | None = None
    after: int | None = None
    filters: Filters = NONE
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class OrderList:
    """A page of orders; `first` and `last` are positions from 1, `newer` and `older` the ids to page from.

    What is more than MOST_COUNTED stands for "more than that": a shop that has sold for years must not count all of it each time.
    """

    rows: tuple[OrderRow, ...]
    stages: dict[Stage, int]
    first: int
    last: int
    total: int
    newer: int | None
    older: int | None


def order_list(session: Session, wish: Wish) -> OrderList:
    """The page that was wished for, with how many there are in each stage."""
    wish = _looked_up(session, wish)
    ids, newer, older = _page(session, _found(wish), wish)
    stages, ahead = _counts(session, wish, ids[0] if newer else None)
    return OrderList(
        rows=tuple(rows(session, ids)),
        stages=stages,
        first=ahead + 1 if ids else 0,
        last=ahead + len(ids),
        total=sum(stages.values()) if wish.stage is None else stages[wish.stage],
        newer=ids[0] if newer else None,
        older=ids[-1] if older else None,
    )


def stage_counts(session: Session, wish: Wish) -> dict[Stage, int]:
    """How many of the orders are in each stage, the wish's own stage aside; of those that were sent as many as are counted."""
    return _counts(session, wish, None)[0]


def _counts(session: Session, wish: Wish, first: int | None) -> tuple[dict[Stage, int], int]:
    """The same, and how many of the list are newer than its page's first."""
    wide = _found(replace(wish, stage=None))
    here = wide.where(HERE).with_only_columns(STAGE_HERE.label("stage")).subquery()
    parts: list[Select[*tuple[Any, ...]]] = [
        select(here.c.stage, func.count()).group_by(here.c.stage),
        _up_to(Stage.SHIPPED.value, wide.where(CONDITIONS[Stage.SHIPPED])),
    ]
    if first is not None:
        parts.append(_up_to(_AHEAD, _found(wish).where(Order.id > first)))
    found: dict[str, int] = dict(session.execute(union_all(*parts)).all())
    return {stage: found.get(stage.value, 0) for stage in Stage}, found.get(_AHEAD, 0)


def all_ids(session: Session, wish: Wish, *, most: int) -> list[int]:
    """The ids of all orders wished for, oldest first, whatever page was asked for."""
    return list(session.scalars(_found(wish).with_only_columns(Order.id).order_by(Order.id).limit(most)))


def owned(session: Session, label_ids: Sequence[int], ids: Sequence[int]) -> list[int]:
    """Those of the ids that are orders of these labels, oldest first."""
    return list(session.scalars(select(Order.id).where(Order.label_id.in_(label_ids), Order.id.in_(ids)).order_by(Order.id)))


def last_carrier(session: Session, label_ids: Sequence[int]) -> str:
    """Whom these labels gave their last parcel to; empty before the first."""
    sent = select(Shipment.carrier).join(Parcel, Parcel.id == Shipment.parcel_id).join(Order, Order.id == Parcel.order_id)
    return session.scalar(sent.where(Order.label_id.in_(label_ids)).order_by(Shipment.id.desc()).limit(1)) or ""


def to_pack(session: Session, label_ids: Sequence[int], stage: Stage = Stage.TO_PACK, *, limit: int = 100) -> list[int]:
    """The ids of orders in a stage, oldest first, as they are packed."""
    wanted = select(Order.id).where(Order.label_id.in_(label_ids), CONDITIONS[stage])
    return list(session.scalars(wanted.order_by(Order.id).limit(limit)))


def _looked_up(session: Session, wish: Wish) -> Wish:
    """The same with the ids of what was typed, so that all orders are read through once; as it was where there are very many."""
    if not wish.typed:
        return wish
    wide = Wish(wish.label_ids, drop_id=wish.drop_id, typed=wish.typed, filters=wish.filters)
    ids = session.scalars(_found(wide).with_only_columns(Order.id).limit(MOST_COUNTED + 1)).all()
    return wish if len(ids) > MOST_COUNTED else replace(wish, typed="", ids=tuple(ids))


def _found(wish: Wish) -> Select[Order]:
    found = select(Order).where(Order.label_id.in_(wish.label_ids))
    if wish.ids is not None:
        found = found.where(Order.id.in_(wish.ids))
    if wish.stage is not None:
        found = found.where(CONDITIONS[wish.stage])
    if wish.drop_id is not None:
        found = found.where(Order.drop_id == wish.drop_id)
    if wish.typed:
        found = found.where(matching(wish.typed))
    return found.where(*conditions(wish.filters))


def _page(session: Session, found: Select[Order], wish: Wish) -> tuple[list[int], bool, bool]:
    """The ids of a page, newest first, and are there newer, are there older ones? Paging by id keeps the place as orders come."""
    ids = found.with_only_columns(Order.id).limit(PAGE + 1)
    if wish.after is not None:
        got = list(session.scalars(ids.where(Order.id > wish.after).order_by(Order.id)))
        return got[:PAGE][::-1], len(got) > PAGE, bool(got)
    if wish.before is not None:
        ids = ids.where(Order.id < wish.before)
    got = list(session.scalars(ids.order_by(Order.id.desc())))
    return got[:PAGE], bool(got) and wish.before is not None, len(got) > PAGE


def _up_to(word: str, found: Select[Order]) -> Select[*tuple[Any, ...]]:
    """A word, and how many there are; one more than MOST_COUNTED where there are more."""
    some = found.with_only_columns(Order.id).limit(MOST_COUNTED + 1).subquery()
    return select(literal(word), func.count()).select_from(some)
