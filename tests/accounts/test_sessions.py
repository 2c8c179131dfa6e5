"""Sessions that are long over are forgotten, and those that tell that somebody was here before are not."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts import sessions, signin
from app.accounts.models import StaffSession
from app.kernel.db import Database, reading, transaction
from app.worker import SCHEDULE
from tests.accounts.test_people import somebody
from tests.cast import NOW


def _left(db: Database) -> list[int]:
    with reading(db) as session:
        return list(session.scalars(select(StaffSession.id).order_by(StaffSession.id)))


def test_what_was_over_long_ago_is_forgotten_but_for_the_last(db: Database) -> None:
    long_ago = NOW - sessions.KEPT - timedelta(seconds=1)
    with transaction(db) as session:
        sam, kim = somebody(session).id, somebody(session, "Kim").id
        for who, at, proven in (
            (sam, long_ago, True),
            (sam, long_ago, True),  # 2: the last with a second factor
            (sam, long_ago, False),
            (sam, long_ago, False),  # 4: the last of all
            (kim, long_ago, True),
            (kim, NOW - sessions.KEPT, False),
            (kim, NOW, True),
        ):
            signin.begin(session, who, at, proven=proven)
    with transaction(db) as session:
        sessions.sweep(session, NOW)
    assert _left(db) == [2, 4, 6, 7]
    with reading(db) as session:
        assert signin.was_here(session, sam, but=4)


def test_the_worker_does_it() -> None:
    assert [every for every, what, _ in SCHEDULE if what == "forget sign-ins that were over long ago"] == [timedelta(hours=1)]
