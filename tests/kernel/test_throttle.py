"""Throttling: so many in a window, counted in the database, and the right wait said."""

from datetime import timedelta

import pytest

from app.kernel import throttle
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import TooMany
from tests.cast import NOW

MINUTE = timedelta(minutes=1)


def _hit(db: Database, seconds: float, key: str = "login:eve") -> int:
    with transaction(db) as session:
        return throttle.hit(session, key, most=3, per=MINUTE, now=NOW + timedelta(seconds=seconds))


def test_so_many_and_no_more(db: Database) -> None:
    assert [_hit(db, s) for s in (0, 1, 2)] == [0, 0, 0]
    assert _hit(db, 20) == 40
    assert _hit(db, 59.9) == 1


def test_a_window_begins_anew_when_it_is_over(db: Database) -> None:
    assert [_hit(db, s) for s in (0, 0, 0, 59.999, 60)] == [0, 0, 0, 1, 0]


def test_keys_are_counted_apart(db: Database) -> None:
    assert [_hit(db, 0), _hit(db, 0), _hit(db, 0), _hit(db, 0, "login:ada")] == [0, 0, 0, 0]


def test_a_refusal_does_not_forget_the_hits(db: Database) -> None:
    for _ in range(3):
        with transaction(db) as session:
            throttle.allow(session, "k", most=3, per=MINUTE, now=NOW, what="tries")
    for _ in range(2):
        with pytest.raises(TooMany, match="Too many tries") as refusal, transaction(db) as session:
            throttle.allow(session, "k", most=3, per=MINUTE, now=NOW, what="tries")
        assert refusal.value.retry_after == 60
        assert refusal.value.status == 429


def test_old_windows_are_swept(db: Database) -> None:
    _hit(db, 0)
    with transaction(db) as session:
        throttle.sweep(session, NOW + timedelta(minutes=61))
        assert session.get(throttle.Throttle, "login:eve") is not None
    with transaction(db) as session:
        throttle.sweep(session, NOW + timedelta(minutes=61, seconds=1))
    with reading(db) as session:
        assert session.get(throttle.Throttle, "login:eve") is None
