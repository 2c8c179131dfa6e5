"""Bodies: short ones at once, long ones from the desk into a file, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.gate import body
from app.gate.body import LONG, NOTHING, SHORT, Bodies, Slow
from tests.gate.asking import run


class Slowly:
    """A visitor who sends some parts, and then nothing more."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts

    async def __call__(self) -> bytes:
        await asyncio.sleep(3600)
        return b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part
        await asyncio.sleep(3600)


class Whole(Slowly):
    """One who sends all."""

    async def __call__(self) -> bytes:
        return b"".join(self.parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part


def test_a_short_one_is_there_at_once_and_a_long_one_in_a_file() -> None:
    async def play() -> None:
        assert (await Bodies().read(Whole(b"run=", b"x"), "/drops/x/holds", "5")).content == b"run=x"
        part = b"x" * SHORT
        found = await Bodies().read(Whole(part, part), "/staff/media", str(2 * SHORT))
        kept = Path(found.file)
        assert kept.read_bytes() == part * 2
        kept.unlink()

    run(play)


@pytest.mark.parametrize(
    ("path", "length"),
    [("/", None), ("/", "x"), ("/", "-1"), ("/drops/x/holds", str(SHORT + 1)), ("/staff/media", str(LONG + 1)), ("/", "²")],
)
def test_what_is_too_long_or_says_nothing_is_not_read(path: str, length: str | None) -> None:
    async def play() -> None:
        assert await Bodies().read(Slowly(), path, length) is NOTHING

    run(play)


@pytest.mark.parametrize("length", ["10", str(SHORT * 2)])
def test_who_is_late_is_given_up_and_leaves_nothing(length: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(body, "PATIENCE", 0.2)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def play() -> None:
        with pytest.raises(Slow):
            await Bodies().read(Slowly(b"a"), "/staff/media", length)

    run(play)
    assert list(tmp_path.iterdir()) == []
