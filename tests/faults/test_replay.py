"""Power cuts: what was synced is there, what was not may be there in any part, and nothing else is."""

from random import Random

from faults.replay import SYNC, TRUNCATE, WRITE, Disk, Step


def _cut(disk: Disk, seed: int) -> bytes:
    return disk.cut(Random(seed))["file"]  # noqa: S311 - which sectors arrive is no secret


def _write(offset: int, data: bytes) -> Step:
    return Step(WRITE, "file", offset, data)


def test_what_was_synced_is_there() -> None:
    disk = Disk()
    for step in (_write(0, b"a" * 1024), Step(SYNC, "file", 0, b"")):
        disk.do(step)
    assert {_cut(disk, seed) for seed in range(20)} == {b"a" * 1024}


def test_what_was_not_synced_may_be_torn_at_512_bytes() -> None:
    disk = Disk()
    for step in (_write(0, b"a" * 1024), Step(SYNC, "file", 0, b""), _write(0, b"b" * 1024)):
        disk.do(step)
    found = {_cut(disk, seed) for seed in range(200)}
    assert found == {first * 512 + second * 512 for first in (b"a", b"b") for second in (b"a", b"b")}


def test_a_truncation_is_durable_with_the_next_sync_only() -> None:
    disk = Disk()
    for step in (_write(0, b"a" * 600), Step(SYNC, "file", 0, b""), Step(TRUNCATE, "file", 100, b"")):
        disk.do(step)
    assert {len(_cut(disk, seed)) for seed in range(50)} == {100, 600}
    disk.do(Step(SYNC, "file", 0, b""))
    assert len(_cut(disk, 1)) == 100
