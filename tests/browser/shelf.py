"""Puts things on sale in a running shop without the desk's forms, for stories that begin later."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.catalogue.models import Artist, Format, Label, Release, Run
from app.checkout.take import Fan, take
from app.drops.models import Drop, DropRun
from app.drops.sale import Sale as Selling
from app.inventory import stocktake
from app.kernel.db import transaction
from app.reports import links
from tests.browser.running import RunningShop

ACTOR = "staff:1"


@dataclass(frozen=True)
class Sale:
    """A drop and its runs by their addresses."""

    drop_id: int
    slug: str
    runs: tuple[str, ...]

    @property
    def path(self) -> str:
        """The drop's page."""
        return f"/drops/{self.slug}"


def put_up(
    shop: RunningShop,
    title: str,
    *,
    sizes: Sequence[int] = (3,),
    opens_in: timedelta = timedelta(minutes=-5),
    lasts: timedelta | None = None,
    limit: int | None = 2,
    hold_minutes: int = 10,
    price: int = 1200,
) -> Sale:
    """A published drop of new pressed runs at the first label, open since five minutes unless told otherwise."""
    now, mark = shop.now(), uuid.uuid4().hex[:6]
    opens = now + opens_in
    with transaction(shop.db) as session:
        label = session.scalars(select(Label).order_by(Label.id)).first()
        assert label is not None
        artist = Artist(label_id=label.id, slug=f"mira-vale-{mark}", name="Mira Vale", story="Plays what the lift plays.")
        session.add(artist)
        session.flush()
        release = Release(
            label_id=label.id, artist_id=artist.id, slug=f"{title.lower().replace(' ', '-')}-{mark}", catalogue_number=f"T-{mark}",
            title=title, notes="Recorded once.", published=True, created_at=now,
        )  # fmt: skip
        session.add(release)
        session.flush()
        runs = []
        for place, size in enumerate(sizes):
            run = Run(
                release_id=release.id, slug=f"run-{mark}-{place}", title=f"{size} numbered, shell {place + 1}",
                format=Format.CASSETTE, edition_size=size, price=price, weight=85, pressed_at=now, created_at=now,
            )  # fmt: skip
            session.add(run)
            session.flush()
            stocktake.press(session, run.id, 1, size, now, ACTOR)
            runs.append(run)
        drop = Drop(
            label_id=label.id, slug=release.slug, title=title, words="One evening.", opens_at=opens,
            closes_at=opens + lasts if lasts else None, hold_minutes=hold_minutes, limit_per_fan=limit,
            published_at=min(now, opens), created_at=min(now, opens),
            entries=[DropRun(run_id=run.id, position=place) for place, run in enumerate(runs, 1)],
        )  # fmt: skip
        session.add(drop)
        session.flush()
        return Sale(drop.id, drop.slug, tuple(run.slug for run in runs))


def change(shop: RunningShop, sale: Sale, **values: object) -> None:
    """Set columns of the drop, such as `paused_at` and `pause_reason`."""
    with transaction(shop.db) as session:
        drop = session.get_one(Drop, sale.drop_id)
        for name, value in values.items():
            setattr(drop, name, value)


def hold(shop: RunningShop, sale: Sale, quantity: int = 1, *, run: int = 0, now: datetime | None = None) -> str:
    """Somebody else takes copies; the path of their hold."""
    with transaction(shop.db) as session:
        drop = session.get_one(Drop, sale.drop_id)
        wanted = session.scalars(select(Run).where(Run.slug == sale.runs[run])).one()
        taken = take(session, Selling.of(drop), {wanted.id: quantity}, Fan(uuid.uuid4().hex, "elsewhere"), now or shop.now())
        return links.hold_path(shop.tokens, taken.hold)
