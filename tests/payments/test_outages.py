"""Outages: five failures within ten seconds begin one, for all processes; one at a time tries, and the first answer ends it."""

from datetime import timedelta

from sqlalchemy import select

from app.kernel.db import Database, reading, transaction
from app.payments import outages
from app.payments.models import StripeOutage
from tests.cast import NOW


def _fail(db: Database, *seconds: float) -> list[bool]:
    begun = []
    for at in seconds:
        with transaction(db) as session:
            begun.append(outages.count_failure(session, f"no answer at {at}", NOW + timedelta(seconds=at)))
    return begun


def _current(db: Database) -> StripeOutage | None:
    with reading(db) as session:
        return outages.current(session)


def test_the_fifth_failure_in_ten_seconds_begins_one(db: Database) -> None:
    assert _fail(db, 0, 2, 4, 9.9) == [False] * 4
    assert _current(db) is None
    assert _fail(db, 9.95, 9.99) == [True, False]
    outage = _current(db)
    assert outage is not None
    assert (outage.began_at, outage.ended_at, outage.reason) == (NOW + timedelta(seconds=9.95), None, "no answer at 9.95")


def test_failures_far_apart_begin_none(db: Database) -> None:
    assert _fail(db, *range(0, 60, 3)) == [False] * 20
    assert _current(db) is None


def test_one_runs_at_a_time(db: Database) -> None:
    _fail(db, *[1.0] * 12)
    with reading(db) as session:
        assert len(session.scalars(select(StripeOutage)).all()) == 1


def test_one_of_all_tries_every_five_seconds(db: Database) -> None:
    _fail(db, *[0.0] * 5)
    outage = _current(db)
    assert outage is not None

    def claim(at: float) -> bool:
        with transaction(db) as session:
            return outages.claim_probe(session, outage.id, NOW + timedelta(seconds=at))

    assert [claim(at) for at in (1, 4.9, 5, 5, 9.9, 10)] == [False, False, True, False, False, True]
    with transaction(db) as session:
        assert outages.end(session, outage.id, NOW + timedelta(seconds=11)) is True
        assert outages.end(session, outage.id, NOW + timedelta(seconds=12)) is False
    assert (_current(db), claim(60)) == (None, False)
    with reading(db) as session:
        assert [each.ended_at for each in outages.recent(session)] == [NOW + timedelta(seconds=11)]


def test_a_second_one_may_follow(db: Database) -> None:
    _fail(db, *[0.0] * 5)
    with transaction(db) as session:
        outages.end(session, 1, NOW + timedelta(seconds=20))
    assert _fail(db, *[30.0] * 5)[-1] is True
    with reading(db) as session:
        assert [each.id for each in outages.recent(session)] == [2, 1]
