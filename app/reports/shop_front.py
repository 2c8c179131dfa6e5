"""The shop front: what is open now, what is coming, what is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.drops.doors import Door, DoorState
from app.drops.models import Drop
from app.inventory import counts
from app.inventory.counts import Stock
from app.kernel.errors import NotFound
from app.reports import sleeves
from app.reports.drop_page import door_state, whole
from app.reports.endings import sold_out_at
from app.reports.sleeves import Imprint, Picture, Pressing, Sleeve

NOW = (DoorState.OPEN, DoorState.ALL_HELD, DoorState.PAUSED)  # in this sequence on the front
COMING = (DoorState.ANNOUNCED, DoorState.ABOUT_TO_OPEN)
MOST_DROPS, MOST_GONE = 60, 12


@dataclass(frozen=True)
class DropCard:
    """A drop as the shop front, the feed and the calendar show it."""

    slug: str
    title: str
    words: str
    state: DoorState
    published_at: datetime
    opens_at: datetime
    closes_at: datetime | None
    limit: int | None
    zone: str
    label_name: str
    pressings: tuple[Pressing, ...]
    sleeves: tuple[Sleeve, ...]
    sold_out_at: datetime | None

    @property
    def made(self) -> int:
        """How many copies of all its runs there are."""
        return sum(each.edition for each in self.pressings)


@dataclass(frozen=True)
class Front:
    """The whole front, sorted as it is read; `label` and `logo` are set when the shop has only one label."""

    now: datetime
    labels: tuple[Imprint, ...]
    open: tuple[DropCard, ...]
    coming: tuple[DropCard, ...]
    gone: tuple[DropCard, ...]
    logo: Picture | None

    @property
    def label(self) -> Imprint | None:
        """The only label of the shop."""
        return self.labels[0] if len(self.labels) == 1 else None


def front(session: Session, now: datetime, label: str = "") -> Front:
    """What the shop front says at this moment; with a label's slug what it says of that label alone. NotFound for none."""
    labels = sleeves.imprints(session)
    if label:
        labels = tuple(each for each in labels if each.slug == label)
        if not labels:
            raise NotFound("There is no such label.")
    cards = drop_cards(session, now, label=label)
    coming = [card for card in cards if is_coming(card.state, card.opens_at, now)]
    here = [card for card in cards if card.state in NOW and card not in coming]
    gone = [card for card in cards if card.state not in NOW + COMING]
    return Front(
        now=now,
        labels=labels,
        open=tuple(sorted(here, key=lambda card: NOW.index(card.state))),
        coming=tuple(sorted(coming, key=lambda card: card.opens_at)),
        gone=tuple(gone[:MOST_GONE]),
        logo=sleeves.logo(session),
    )


def is_coming(state: DoorState, opens_at: datetime, now: datetime) -> bool:
    """Has it yet to open, paused or not?"""
    return state in COMING or (state is DoorState.PAUSED and now < opens_at)


def drop_cards(session: Session, now: datetime, *, slug: str | None = None, label: str = "") -> list[DropCard]:
    """The newest published drops (of one label, by its slug), the last to open first; or the one with this slug, if any."""
    wanted = select(Drop).where(Drop.published_at.is_not(None), *([Drop.slug == slug] if slug is not None else []))
    if label:
        wanted = wanted.where(Drop.label_id.in_(select(Label.id).where(Label.slug == label)))
    newest = wanted.order_by(Drop.opens_at.desc(), Drop.id.desc()).limit(MOST_DROPS)
    drops = session.scalars(newest.options(*whole())).all()
    stock = counts.stock(session, sorted({entry.run_id for drop in drops for entry in drop.entries}))
    return [_card(session, drop, now, stock) for drop in drops]


def _card(session: Session, drop: Drop, now: datetime, stock: dict[int, Stock]) -> DropCard:
    state = door_state(drop, now, stock)
    runs: Sequence[int] = [entry.run_id for entry in drop.entries]
    assert drop.published_at is not None  # noqa: S101 - the query asked for it
    return DropCard(
        slug=drop.slug,
        title=drop.title,
        words=drop.words,
        state=state,
        published_at=drop.published_at,
        opens_at=drop.opens_at,
        closes_at=Door.of(drop).closes_at,
        limit=drop.limit_per_fan,
        zone=drop.label.time_zone,
        label_name=drop.label.name,
        pressings=tuple(sleeves.pressing(entry.run, stock[entry.run_id]) for entry in drop.entries),
        sleeves=tuple(sleeves.sleeve(each) for each in {e.run.release_id: e.run.release for e in drop.entries}.values()),
        sold_out_at=sold_out_at(session, runs) if state is DoorState.SOLD_OUT else None,
    )
