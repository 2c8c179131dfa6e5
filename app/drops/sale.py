"""A drop as taking sees it: one plain value, read with one statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.catalogue.models import Release, Run
from app.drops.doors import Door
from app.drops.models import Drop, DropRun
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


@dataclass(frozen=True)
class Sale:
    """A drop's door, limits and runs. `network_share` is in per cent of the copies made."""

    id: int
    slug: str
    door: Door
    pause_reason: str
    hold_minutes: int
    limit: int | None
    network_holds: int
    network_share: int
    runs: tuple[OnSale, ...]

    @classmethod
    def of(cls, drop: Drop) -> "Sale":
        """The same of a drop that is at hand already."""
        return cls(**_facts(drop), runs=tuple(_on_sale(entry.run) for entry in drop.entries))


def sale(session: Session, slug: str) -> Sale | None:
    """The drop with this slug, if it is published; without a single mapped object."""
    rows = session.connection().execute(_SALE, {"slug": slug}).all()
    return Sale(**_facts(rows[0]), runs=tuple(OnSale(*row[-len(_ON_SALE) :]) for row in rows)) if rows else None


def _facts(drop: Any) -> dict[str, Any]:
    """All of a Sale but its runs, from a drop or a row of its columns."""
    alike = {name: getattr(drop, name) for name in ("id", "slug", "pause_reason", "hold_minutes", "network_holds", "network_share")}
    return alike | {"door": Door.of(drop), "limit": drop.limit_per_fan}


def _on_sale(run: Run) -> OnSale:
    return OnSale(run.id, run.slug, run.title, run.release_id, run.release.title, run.limit_per_fan)


_DROPS, _RUNS, _RELEASES = table(Drop), table(Run).c, table(Release).c
_ON_SALE = (
    *(_RUNS.id.label("run_id"), _RUNS.slug.label("run_slug"), _RUNS.title.label("run_title")),
    *(_RUNS.release_id, _RELEASES.title.label("release"), _RUNS.limit_per_fan.label("run_limit")),
)
_SALE = (
    select(_DROPS, *_ON_SALE)
    .join_from(_DROPS, table(DropRun))
    .join(table(Run))
    .join(table(Release))
    .where(_DROPS.c.slug == bindparam("slug"), _DROPS.c.published_at.is_not(None))
    .order_by(table(DropRun).c.position)
)
