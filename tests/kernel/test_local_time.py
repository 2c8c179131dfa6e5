"""Times off a wall: ordinary days, the night that has an hour too few, and the one that has one too many."""

from datetime import UTC, datetime

import pytest

from app.kernel import local_time
from app.kernel.local_time import NoSuchTime, TwiceThatNight

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "zone", "utc", "offset"),
    [
        ("2026-11-27T20:00", BERLIN, (2026, 11, 27, 19, 0), "UTC+01:00"),
        ("2026-07-01T20:00", BERLIN, (2026, 7, 1, 18, 0), "UTC+02:00"),
        ("2026-11-27T20:00", "America/St_Johns", (2026, 11, 27, 23, 30), "UTC-03:30"),
        ("2026-11-27T20:00", "Asia/Kathmandu", (2026, 11, 27, 14, 15), "UTC+05:45"),
    ],
)
def test_a_time_on_the_wall_is_an_instant_and_back(text: str, zone: str, utc: tuple[int, ...], offset: str) -> None:
    moment = local_time.instant(text, zone)
    assert moment == datetime(*utc, tzinfo=UTC)
    assert (local_time.typed(moment, zone), local_time.offset(moment, zone), local_time.fold(moment, zone)) == (text, offset, "")


@pytest.mark.parametrize(
    ("text", "zone", "after"),
    [
        ("2027-03-28T02:00", BERLIN, "03:00"),
        ("2027-03-28T02:59", BERLIN, "03:00"),
        ("2026-10-04T02:15", "Australia/Lord_Howe", "02:30"),
    ],
)
def test_a_time_that_the_clocks_jump_over_does_not_exist(text: str, zone: str, after: str) -> None:
    with pytest.raises(NoSuchTime) as no:
        local_time.instant(text, zone)
    assert f"{no.value.after:%H:%M}" == after


def test_a_time_that_comes_twice_is_asked_about() -> None:
    with pytest.raises(TwiceThatNight) as twice:
        local_time.instant("2026-10-25T02:30", BERLIN)
    assert [local_time.offset(at, BERLIN) for at in (twice.value.first, twice.value.second)] == ["UTC+02:00", "UTC+01:00"]
    for which, hour in (("first", 0), ("second", 1)):
        moment = local_time.instant("2026-10-25T02:30", BERLIN, which)
        assert moment == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert (local_time.fold(moment, BERLIN), local_time.typed(moment, BERLIN)) == (which, "2026-10-25T02:30")


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01T20:00", "2026-11-27", "0001-01-01T00:00", "9999-12-31T23:59", "２０２６-11-27T20:00x"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        local_time.instant(text, BERLIN)
