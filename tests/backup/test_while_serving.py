"""A backup that is made while the shop serves is a moment between two commits, and nobody waits for it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.backup import BackupTrouble, Restored, rows
from app.kernel.db import Database
from tests.backup.conftest import Kept, everything
from tests.builders import take_some
from tests.cast import someone

PutBack = Callable[..., Restored]


def fans_come_while_it_is_read(kept: Kept) -> Callable[[str, int], Any]:
    """A bar at whose every eighth row somebody takes a copy."""
    taken = iter(range(9))

    @contextmanager
    def bar(what: str, _steps: int) -> Iterator[Callable[[int], object]]:
        steps = iter(range(10_000))

        def step(_: int) -> None:
            if what == "Rows" and next(steps) % 8 == 0 and (fan := next(taken, None)) is not None:
                take_some(kept.db, kept.drop_id, {kept.run_id: 1}, someone(f"fan{fan}"))

        yield step

    return bar


def test_it_is_a_moment_between_two_commits(kept: Kept, target: Database, put_back: PutBack) -> None:
    before = everything(kept.db)
    made = kept.take(fans_come_while_it_is_read(kept))
    assert len(everything(kept.db)["holds"]) == len(before["holds"]) + 9, "fans were served all the while"
    put_back(target, made.path)
    after = everything(target)
    unchanged = ("copies", "holds", "stock_movements", "orders", "payments", "outbox")
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}


def test_without_one_view_it_would_be_no_moment_at_all(
    kept: Kept, target: Database, put_back: PutBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: each table read at a time of its own."""
    whole = rows.dump

    def each_for_itself(connection: Any, table: Any) -> Iterable[bytes]:
        connection.rollback()
        return whole(connection, table)

    monkeypatch.setattr(rows, "dump", each_for_itself)
    made = kept.take(fans_come_while_it_is_read(kept))
    with pytest.raises(BackupTrouble, match="rows, and the backup's manifest says"):
        put_back(target, made.path)
