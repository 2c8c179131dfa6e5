"""Looking at the shop: a page as somebody sees it who comes anew, and drops brought into every state."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.drops.models import Drop
from app.inventory import claims
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from tests.builders import make_drop, make_label, make_release, make_run, take_some
from tests.cast import ADA, BEN, NOW, SAM

STATES = ("announced", "about-to-open", "open", "all-held", "paused", "sold-out", "closed")
_OPENED_SINCE = {"announced": timedelta(days=-3), "about-to-open": timedelta(minutes=-9), "closed": timedelta(days=3)}


def look(app: Flask, path: str, **headers: str) -> TestResponse:
    """The page as somebody sees it more than a second after the last look."""
    app.extensions["runout_memory"].clear()
    return app.test_client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def drop_in_state(db: Database, state: str) -> str:
    """A drop of four copies, two a fan, in this state at NOW; its slug."""
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)), size=4, limit=2)
        closes = NOW - timedelta(days=1) if state == "closed" else None
        drop = make_drop(session, [run], opens_at=NOW - _OPENED_SINCE.get(state, timedelta(minutes=41)), closes_at=closes)
        if state == "paused":
            drop.paused_at, drop.pause_reason = NOW, "The mail server is catching its breath."
    if state == "all-held":
        take_some(db, drop.id, {run.id: 2}, ADA, NOW - timedelta(minutes=6))
        take_some(db, drop.id, {run.id: 2}, BEN)
    if state == "sold-out":
        withdraw_all(db, run.id)
    return drop.slug


def withdraw_all(db: Database, run_id: int) -> None:
    """Take every copy of a run off sale, so that none is left."""
    with transaction(db) as session:
        for copy_id in session.scalars(select(Copy.id).where(Copy.run_id == run_id)).all():
            claims.withdraw(session, copy_id, NOW, SAM, "damaged")


def drop_named(db: Database, slug: str) -> Drop:
    """The stored drop."""
    with reading(db) as session:
        return session.scalars(select(Drop).where(Drop.slug == slug)).one()
