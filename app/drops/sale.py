"""A drop as taking sees it: one plain value, read with one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, bindparam, literal, select
from sqlalchemy.orm import Session

from app.catalogue.models import Release, Run
from app.drops.doors import Door
from app.drops.models import Drop, DropRun
from app.inventory.opening import Provided
from app.kernel.ready import Ready, Rows, named
from app.kernel.schema import table


@dataclass(frozen=True)
class OnSale:
    """A run that is sold in a drop, and how many copies of it one fan may have."""

    run_id: int
    slug: str
    title: str
    release_id: int
    release: str
    limit: int | None
    edition: int


@dataclass(frozen=True)
class Sale:
    """A drop's door, limits and runs. `network_share` is in per cent of the copies made."""

    id: int
    slug: str
    door: Door
    hold_minutes: int
    limit: int | None
    network_holds: int
    network_share: int
    runs: tuple[OnSale, ...]
    row: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def copies(self) -> int:
        """How many copies of all its runs there are, at most."""
        return sum(run.edition for run in self.runs)

    @classmethod
    def of(cls, drop: Drop) -> "Sale":
        """The same of a drop that is at hand already."""
        row = {name: getattr(drop, name) for name in _OF_DROP}
        return cls(**_facts(drop), runs=tuple(_on_sale(entry.run) for entry in drop.entries), row=row)

    def unchanged(self, run: OnSale) -> Provided:
        """That the drop, and this run in it, are still as they were read: for who read them a moment ago."""
        known = {_DROPS[name]: value for name, value in self.row.items()}
        known |= {_RUNS.id: run.run_id, _RUNS.limit_per_fan: run.limit, _RUNS.edition_size: run.edition}
        return Provided(_UNCHANGED, {_name(column): value for column, value in known.items()})


def sale(session: Session, slug: str) -> Sale | None:
    """The drop with this slug, if it is published; without a single mapped object."""
    rows = _SALE.rows(session, slug=slug)
    return _made(rows) if rows else None


def of_id(session: Session, drop_id: int) -> Sale:
    """The drop with this id, published or not."""
    return _made(_SALE_OF_ID.rows(session, drop=drop_id))


def _made(rows: Rows) -> Sale:
    drop = named(_OF_DROP, rows[0])
    return Sale(**_facts(drop), runs=tuple(OnSale(*row[len(_OF_DROP) :]) for row in rows), row=vars(drop))


def _facts(drop: Any) -> dict[str, Any]:
    """All of a Sale but its runs, from a drop or a row of its columns."""
    alike = {name: getattr(drop, name) for name in _ALIKE}
    return alike | {"door": Door.of(drop), "limit": drop.limit_per_fan}


def _on_sale(run: Run) -> OnSale:
    return OnSale(run.id, run.slug, run.title, run.release_id, run.release.title, run.limit_per_fan, run.edition_size)


_ALIKE = ("id", "slug", "hold_minutes", "network_holds", "network_share")
_OF_DROP = (
    *_ALIKE, "limit_per_fan", "published_at", "opens_at", "closes_at", "closed_at", "close_reason", "paused_at", "pause_reason",
)  # fmt: skip
_DROPS, _RUNS, _RELEASES = table(Drop).c, table(Run).c, table(Release).c
_ON_SALE = (
    select(*(_DROPS[name] for name in _OF_DROP))
    .add_columns(_RUNS.id, _RUNS.slug, _RUNS.title, _RUNS.release_id, _RELEASES.title, _RUNS.limit_per_fan, _RUNS.edition_size)
    .join_from(table(Drop), table(DropRun))
    .join(table(Run))
    .join(table(Release))
    .order_by(table(DropRun).c.position)
)
_SALE = Ready(_ON_SALE.where(_DROPS.slug == bindparam("slug"), _DROPS.published_at.is_not(None)))
_SALE_OF_ID = Ready(_ON_SALE.where(_DROPS.id == bindparam("drop")))


def _name(column: Any) -> str:
    return f"known_{column.table.name}_{column.name}"


def _known(column: Any) -> BindParameter[Any]:
    """Stands for what was read of a column."""
    return bindparam(_name(column), type_=column.type)


_UNCHANGED = (
    select(literal(1))
    .select_from(table(Drop))
    .join(table(DropRun))
    .join(table(Run))
    .where(
        *(key == _known(key) for key in (_DROPS.id, _RUNS.id)),
        *(_DROPS[name].is_not_distinct_from(_known(_DROPS[name])) for name in _OF_DROP if name != "id"),
        *(column.is_not_distinct_from(_known(column)) for column in (_RUNS.limit_per_fan, _RUNS.edition_size)),
    )
    .exists()
)
