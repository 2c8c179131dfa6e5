"""Limits per run and per drop: the stricter one wins, and what is owned already counts."""

from datetime import timedelta

import pytest

from app.drops import limits
from app.drops.models import Drop
from app.drops.sale import Sale
from app.kernel.db import Database, transaction
from app.kernel.errors import OverLimit
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW


@pytest.mark.parametrize(
    ("drop_limit", "run_limit", "wanted", "owned", "refused"),
    [
        (None, None, {1: 100}, {1: 100}, None),
        (2, None, {1: 2}, {}, None),
        (2, None, {1: 1, 2: 2}, {}, 2),
        (2, None, {1: 1}, {2: 1}, None),
        (2, None, {1: 1}, {2: 2}, 2),
        (3, 1, {1: 1, 2: 2}, {}, None),
        (3, 1, {1: 2}, {}, 1),
        (3, 1, {1: 1}, {1: 1}, 1),
        (3, 1, {2: 1}, {1: 1}, None),
        (1, 3, {1: 2}, {}, 1),
    ],
)
def test_the_stricter_limit_wins(
    db: Database, drop_limit: int | None, run_limit: int | None, wanted: dict[int, int], owned: dict[int, int], refused: int | None
) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        runs = [make_run(session, release, limit=run_limit), make_run(session, release)]
        drop = make_drop(session, runs, limit=drop_limit)
        if refused is None:
            limits.check(Sale.of(drop), wanted, owned)
        else:
            with pytest.raises(OverLimit) as told:
                limits.check(Sale.of(drop), wanted, owned)
            assert told.value.context == {"drop": drop.slug, "limit": refused}


def test_the_refusal_says_what_one_has() -> None:
    drop = Drop(slug="x", limit_per_fan=2, entries=[])
    with pytest.raises(OverLimit, match=r"may have 2 copies from this drop, and you have 1 already\. Choose fewer"):
        limits.check(Sale.of(drop), {1: 2}, {1: 1})


def test_who_has_all_they_may_is_not_told_to_choose_fewer() -> None:
    drop = Drop(slug="x", limit_per_fan=2, entries=[])
    with pytest.raises(OverLimit) as told:
        limits.check(Sale.of(drop), {1: 1}, {1: 2})
    assert told.value.detail == "Each fan may have 2 copies from this drop, and you have 2 already."


@pytest.mark.parametrize(("alone", "called"), [(True, "Night Bus"), (False, "Night Bus (10 numbered, clear shell)")])
def test_the_refusal_names_the_run_where_there_are_several(db: Database, alone: bool, called: str) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        run = make_run(session, release, limit=2)
        drop = make_drop(session, [run] if alone else [run, make_run(session, release)])
        with pytest.raises(OverLimit) as told:
            limits.check(Sale.of(drop), {run.id: 1}, {run.id: 2})
    assert told.value.detail == f"Each fan may have 2 copies of {called}, and you have 2 already."


def test_a_hold_lasts_as_long_as_the_drop_says() -> None:
    assert limits.deadline(Sale.of(Drop(hold_minutes=7)), NOW) == NOW + timedelta(minutes=7)


def test_a_buyer_can_be_locked_again(db: Database) -> None:
    with transaction(db) as session:
        drop = make_drop(session, [make_run(session, make_release(session, make_label(session)))])
    for _ in range(2):
        with transaction(db) as session:
            limits.lock_buyer(session, drop.id, "ada@example.org")
            limits.lock_buyer(session, drop.id, "ada@example.org")
