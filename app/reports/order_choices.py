"""What the filters of the orders' list offer: drops, runs, tags, ways of posting and names of some labels, asked for at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, literal, select, union_all
from sqlalchemy.orm import Session

from app.catalogue.models import Label, Release, Run
from app.drops.models import Drop
from app.fulfilment.models import PostageRate, PostageZone
from app.orders.models import Tag, TaggedOrder
from app.reports.order_tags import TagRow

MOST = 50  # of each, the newest
Pair = tuple[int, str]
Part = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Choices:
    """Ids with names; `zone` is that of the first label, whose calendar the days are of."""

    drops: tuple[Pair, ...]
    runs: tuple[Pair, ...]
    tags: tuple[TagRow, ...]
    postage: tuple[str, ...]
    labels: tuple[Pair, ...]
    zone: str


def choices(session: Session, label_ids: Sequence[int]) -> Choices:
    """What there is to choose from at these labels."""
    drops = select(literal("drop"), Drop.id, Drop.title, Drop.label_id).where(Drop.label_id.in_(label_ids))
    named = (Release.catalogue_number + " " + Run.title).label("name")
    runs = select(literal("run"), Run.id, named, Release.label_id).join(Release, Release.id == Run.release_id)
    used = exists().where(TaggedOrder.tag_id == Tag.id)
    tags = select(literal("tag"), Tag.id, Tag.name, Tag.label_id).where(Tag.label_id.in_(label_ids), used)
    rates = select(literal("postage"), literal(0), PostageRate.name, PostageZone.label_id)
    rates = rates.join(PostageZone, PostageZone.id == PostageRate.zone_id).where(PostageZone.label_id.in_(label_ids)).distinct()
    labels = select(literal("label"), Label.id, Label.name, Label.id.label("label_id")).where(Label.id.in_(label_ids))
    parts: tuple[Part, ...] = (
        drops.order_by(Drop.opens_at.desc()),
        runs.where(Release.label_id.in_(label_ids)).order_by(Run.id.desc()),
        tags.order_by(Tag.id.desc()),
        rates,
        labels.order_by(Label.name),
        labels.with_only_columns(literal("zone"), Label.id, Label.time_zone, Label.id.label("label_id")).order_by(Label.id),
    )
    every: list[Part] = [_some(part) for part in parts]
    found = session.execute(union_all(*every)).all()
    return Choices(
        drops=tuple((id_, name) for kind, id_, name, _ in found if kind == "drop"),
        runs=tuple((id_, name) for kind, id_, name, _ in found if kind == "run"),
        tags=tuple(sorted((TagRow(id_, label, name) for kind, id_, name, label in found if kind == "tag"), key=_by_name)),
        postage=tuple(sorted({name for kind, _, name, _ in found if kind == "postage"})),
        labels=tuple((id_, name) for kind, id_, name, _ in found if kind == "label"),
        zone=next((name for kind, _, name, _ in found if kind == "zone"), "UTC"),
    )


def _some(part: Part) -> Part:
    """A part of its own within a union: SQLite takes no limit there otherwise."""
    inner = part.limit(MOST).subquery()
    return select(*inner.c)


def _by_name(tag: TagRow) -> str:
    return tag.name.casefold()
