"""The clock: aware, UTC, whole milliseconds, moved by its file and never stopped by a broken one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from app.kernel.clock import Clock


def test_it_tells_whole_milliseconds_in_utc() -> None:
    with time_machine.travel(datetime(2026, 11, 27, 19, 0, 0, 123456, tzinfo=UTC), tick=False):
        assert Clock().now() == datetime(2026, 11, 27, 19, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("-600\n", -600), ("0.5", 0.5), ("", 0), ("soon", 0), ("nan", 0)])
def test_a_file_moves_it(tmp_path: Path, text: str, seconds: float) -> None:
    file = tmp_path / "offset"
    file.write_text(text)
    with time_machine.travel(datetime(2026, 11, 27, 19, 0, tzinfo=UTC), tick=False):
        assert Clock(file).now() == datetime(2026, 11, 27, 19, 0, tzinfo=UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"1e300", b"inf", b"-1e12"])
def test_a_broken_file_does_not_stop_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "offset"
    file.write_bytes(content)
    assert abs(Clock(file).now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_missing_file_does_not_move_it(tmp_path: Path) -> None:
    assert abs(Clock(tmp_path / "none").now() - datetime.now(UTC)) < timedelta(minutes=1)
