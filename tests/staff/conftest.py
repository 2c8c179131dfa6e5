"""A label with one of everything, and people with every role at its desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.kernel.db import Database, transaction
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW, StoppedClock
from tests.site import make_app
from tests.staff.seat import Seat, make_staff, sit_down


@dataclass(frozen=True)
class Shelf:
    """The ids of one label and what it has: a pressed run in an open drop, a planned run, and a drop in draft."""

    label: int
    artist: int
    release: int
    run: int
    planned: int
    drop: int
    draft: int


@pytest.fixture
def app(db: Database, clock: StoppedClock) -> Flask:
    """The application on each kind of database."""
    return make_app(db, clock)


@pytest.fixture
def keeping(db: Database, clock: StoppedClock, tmp_path: Path) -> Flask:
    """The application with a media folder of its own, `tmp_path`."""
    return make_app(db, clock, media_dir=tmp_path)


def stock_shelf(db: Database) -> Shelf:
    """A label with a release, a pressed and a planned run, an open drop and a draft."""
    with transaction(db) as session:
        label = make_label(session)
        release = make_release(session, label)
        run = make_run(session, release)
        planned = make_run(session, release, pressed=False)
        opened = make_drop(session, [run])
        draft = make_drop(session, [run], opens_at=NOW + timedelta(days=3), published=False)
        return Shelf(label.id, release.artist_id, release.id, run.id, planned.id, opened.id, draft.id)


@pytest.fixture
def shelf(db: Database) -> Shelf:
    """One label's shelf."""
    return stock_shelf(db)


@pytest.fixture
def other_shelf(db: Database, shelf: Shelf) -> Shelf:
    """Another label's shelf."""
    return stock_shelf(db)


@pytest.fixture
def seat_of(app: Flask, db: Database, shelf: Shelf) -> Callable[[Role], Seat]:
    """Somebody with this role at the shelf's label, signed in."""

    def sit(role: Role) -> Seat:
        return sit_down(app, db, make_staff(db, role.value.title(), {shelf.label: role}))

    return sit


@pytest.fixture
def owner(seat_of: Callable[[Role], Seat]) -> Seat:
    """An owner at the desk."""
    return seat_of(Role.OWNER)


@pytest.fixture
def manager(seat_of: Callable[[Role], Seat]) -> Seat:
    """A manager at the desk."""
    return seat_of(Role.MANAGER)
