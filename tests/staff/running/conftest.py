"""The desk over HTTP, with one label that sells one run, and somebody of each role."""

from dataclasses import dataclass

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.catalogue.models import Run
from app.kernel.db import Database, reading, transaction
from tests.builders import make_label, open_drop
from tests.cast import StoppedClock
from tests.site import make_app
from tests.staff.running.desk import Desk, sit_down


@dataclass(frozen=True)
class Shop:
    """A label with one run of ten in an open drop, and another label with nothing but an owner."""

    label_id: int
    drop_id: int
    run_id: int
    other_label_id: int


@pytest.fixture
def app(db: Database, clock: StoppedClock) -> Flask:
    """The whole application, with nobody at Stripe's end."""
    return make_app(db, clock)


@pytest.fixture
def shop(db: Database) -> Shop:
    """What the desk works on."""
    drop_id, run_id = open_drop(db)
    with transaction(db) as session:
        other = make_label(session).id
    with reading(db) as session:
        return Shop(session.get_one(Run, run_id).release.label_id, drop_id, run_id, other)


@pytest.fixture
def manager(app: Flask, db: Database, shop: Shop) -> Desk:
    """Runs the label's drops."""
    return sit_down(app, db, shop.label_id, Role.MANAGER)


@pytest.fixture
def packer(app: Flask, db: Database, shop: Shop) -> Desk:
    """Packs the label's parcels."""
    return sit_down(app, db, shop.label_id, Role.PACKER)


@pytest.fixture
def stranger(app: Flask, db: Database, shop: Shop) -> Desk:
    """Owns the other label."""
    return sit_down(app, db, shop.other_label_id, Role.OWNER)
