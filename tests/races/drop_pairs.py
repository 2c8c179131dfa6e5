"""Pairs that meet over a drop that is being made ready: its price, its publishing, its runs."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.roles import Role
from app.catalogue import runs
from app.catalogue.models import Run
from app.checkout import aside
from app.drops import deeds, last_hour, writing
from app.drops.models import Drop, DropRun
from app.drops.writing import DropWords
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy, DeskHold
from app.kernel.db import reading, transaction
from app.kernel.errors import Conflict
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW, SAM
from tests.races import guards
from tests.races.pairs import Control, Pair, Part
from tests.site import make_app
from tests.staff.seat import make_staff, sit_down
from tests.story import Story

OLD, NEW = 2400, 2600
FORM = {
    "title": "20 numbered", "slug": "", "format": "cassette", "edition_size": "10", "first_number": "1", "price": "26.00",
    "weight": "80", "hs_code": "", "origin": "DE", "limit_per_fan": "", "body_colour": "clear", "label_colour": "#b3402a",
}  # fmt: skip


# Scenes.


def draft(story: Story) -> Any:
    """A draft of two runs, which opens in half an hour; Mona manages its label and is signed in."""
    with transaction(story.db) as session:
        release = make_release(session, make_label(session))
        first, other = make_run(session, release), make_run(session, release)
        drop = make_drop(session, [first, other], opens_at=NOW + timedelta(minutes=30), published=False)
        at = SimpleNamespace(label=drop.label_id, drop=drop.id, run=first.id, other=other.id)
    at.seat = sit_down(make_app(story.db, story.clock), story.db, make_staff(story.db, "Mona", {at.label: Role.MANAGER}))
    assert at.seat.get(f"/staff/runs/{at.run}/edit").status_code == 200
    return at


# Deeds.


def publish(story: Story, at: Any) -> int:
    """Announce the drop; the price it was announced with."""
    with transaction(story.db) as session:
        deeds.publish(session, at.drop, story.clock.now(), at_once=False)
        return session.get_one(Run, at.run).price


def raise_price(story: Story, at: Any) -> TestResponse:
    """Save another price by the form."""
    return at.seat.post(f"/staff/runs/{at.run}/edit", FORM)


def set_aside(story: Story, at: Any) -> int:
    """Sam sets a copy of the other run aside for somebody."""
    with transaction(story.db) as session:
        copy = session.scalars(select(Copy.id).where(Copy.run_id == at.other).order_by(Copy.number)).first() or 0
        until = story.clock.now() + timedelta(hours=2)
        return aside.hold_copy(session, copy, Asked("Mira", "the artist's own", 1, SAM), until, story.clock.now()).id


def take_out(story: Story, at: Any) -> None:
    """Take the other run out of the drop."""
    with transaction(story.db) as session:
        drop = session.get_one(Drop, at.drop)
        facts = {**last_hour.of_drop(drop), "runs": (at.run,)}
        writing.edit(session, at.drop, DropWords(title=drop.title, slug="", words=drop.words, **facts), story.clock.now())


# What must be true.


def announced_price_stays(story: Story, at: Any, a: Any, b: Any) -> None:
    """What was announced is what it costs; who came too late is told so."""
    with reading(story.db) as session:
        price, published = session.get_one(Run, at.run).price, session.get_one(Drop, at.drop).published_at
    assert published is not None
    assert price == a
    assert (b.status_code, price) in {(303, NEW), (409, OLD), (422, OLD)}


def a_held_run_stays(story: Story, at: Any, a: Any, b: Any) -> None:
    """The copy is set aside and its run stays, or the run is out and no copy is set aside."""
    with reading(story.db) as session:
        sells = session.scalar(select(func.count()).where(DropRun.drop_id == at.drop, DropRun.run_id == at.other))
        held = session.scalar(select(func.count()).select_from(DeskHold))
    assert (sells, held, type(a), type(b)) in {(1, 1, int, Conflict), (0, 0, Conflict, type(None))}


DROPS = (
    Pair(
        "publish within the hour ‖ price",
        draft,
        Part(publish, r"UPDATE drops SET"),
        Part(raise_price, r"UPDATE runs SET"),
        announced_price_stays,
        Control((guards.without_lock(runs, Run),), first="b"),
    ),
    Pair(
        "set aside ‖ run taken out",
        draft,
        Part(set_aside, r"UPDATE copies SET"),
        Part(take_out, r"DELETE FROM drop_runs"),
        a_held_run_stays,
        Control((guards.without_lock(writing, Drop),), first="b"),
    ),
)
