"""The book of alerts: one open row per cause, closed when its cause has been away for a while."""

from datetime import timedelta

from app.kernel import alerts
from app.kernel.alerts import CALM, Found
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW

DISK = Found("disk.nearly_full/media", "The disk is nearly full.")
JOBS = Found("jobs.dead", "1 job was given up.")


def noted(db: Database, found: list[Found], minutes: float) -> tuple[list[str], list[str]]:
    """The causes that one look opened and closed."""
    with transaction(db) as session:
        opened, closed = alerts.note(session, found, NOW + timedelta(minutes=minutes))
        return [each.cause for each in opened], [each.cause for each in closed]


def test_a_cause_is_opened_once_and_closed_once(db: Database) -> None:
    assert noted(db, [DISK, JOBS], 0) == ([DISK.cause, JOBS.cause], [])
    assert noted(db, [DISK, JOBS], 1) == ([], [])
    assert noted(db, [DISK], 1 + CALM.total_seconds() / 60) == ([], [JOBS.cause])
    assert noted(db, [DISK], 20) == ([], [])
    with reading(db) as session:
        (still,) = alerts.are_open(session)
        assert (still.cause, still.opened_at, still.seen_at) == (DISK.cause, NOW, NOW + timedelta(minutes=20))


def test_what_comes_and_goes_is_one_alert(db: Database) -> None:
    assert noted(db, [DISK], 0) == ([DISK.cause], [])
    for minute in range(1, 60, 5):
        assert noted(db, [], minute) == ([], [])
        assert noted(db, [DISK], minute + 4) == ([], [])


def test_what_comes_back_after_it_was_over_is_a_new_alert(db: Database) -> None:
    noted(db, [DISK], 0)
    assert noted(db, [], 10) == ([], [DISK.cause])
    assert noted(db, [DISK], 11) == ([DISK.cause], [])


def test_an_open_alert_says_how_it_is_now(db: Database) -> None:
    noted(db, [JOBS], 0)
    noted(db, [Found("jobs.dead", "2 jobs were given up.")], 1)
    with reading(db) as session:
        assert [each.what for each in alerts.are_open(session)] == ["2 jobs were given up."]
