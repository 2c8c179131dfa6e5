"""Planning and editing a drop, and what stays at each stage."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.drops import writing
from app.drops.models import Drop, DropRun
from app.drops.writing import DropWords
from app.kernel.db import Database, transaction
from app.kernel.errors import BadInput, Conflict
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW

SOON, LATER = NOW + timedelta(days=1), NOW + timedelta(days=2)


def words(*runs: int, opens: datetime = SOON, closes: datetime | None = LATER) -> DropWords:
    return DropWords("Night Bus", "", "", opens, closes, 2, 10, 300, 20, runs)


def as_stored(drop: Drop) -> DropWords:
    return DropWords(
        drop.title, "", drop.words, drop.opens_at, drop.closes_at, drop.limit_per_fan, drop.hold_minutes, drop.network_holds,
        drop.network_share, tuple(entry.run_id for entry in drop.entries),
    )  # fmt: skip


def three_runs(session: Session) -> tuple[int, list[int]]:
    label = make_label(session)
    release = make_release(session, label)
    return label.id, [make_run(session, release).id for _ in range(3)]


def test_a_draft_has_its_runs_in_sequence_and_an_address_of_its_own(db: Database) -> None:
    with transaction(db) as session:
        label, (one, two, three) = three_runs(session)
        drop = writing.create(session, label, words(two, one), NOW)
        assert (drop.slug, drop.published_at, drop.label_id) == ("night-bus", None, label)
        assert writing.create(session, label, words(), NOW).slug == "night-bus-2"
        writing.edit(session, drop.id, words(three, two), NOW)
        kept = session.execute(
            select(DropRun.run_id, DropRun.position).where(DropRun.drop_id == drop.id).order_by(DropRun.position)
        )
        assert [tuple(row) for row in kept] == [(three, 1), (two, 2)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("closes_at", SOON),
        ("hold_minutes", 0),
        ("hold_minutes", 61),
        ("limit_per_fan", 0),
        ("network_holds", 0),
        ("network_share", 101),
        ("slug", "Not A Slug"),
    ],
)
def test_a_drop_that_cannot_be(db: Database, field: str, value: object) -> None:
    with transaction(db) as session:
        label, runs = three_runs(session)
        with pytest.raises(BadInput) as no:
            writing.create(session, label, replace(words(*runs), **{field: value}), NOW)
        assert (set(no.value.fields), session.scalars(select(Drop)).all()) == ({field}, [])


def test_a_drop_sells_each_run_once_and_only_its_labels_own(db: Database) -> None:
    with transaction(db) as session:
        label, (one, *_) = three_runs(session)
        _other, (theirs, *_) = three_runs(session)
        for runs in ((one, one), (theirs,), (one, 9999)):
            with pytest.raises(BadInput):
                writing.create(session, label, words(*runs), NOW)


def test_two_drops_do_not_share_an_address(db: Database) -> None:
    with transaction(db) as session:
        label, _runs = three_runs(session)
        drop = writing.create(session, label, words(), NOW)
        with pytest.raises(BadInput, match="has this address"):
            writing.create(session, label, replace(words(), slug=drop.slug), NOW)


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"slug": "other"}, "its address"),
        ({"opens_at": NOW - timedelta(minutes=1)}, "its opening time"),
    ],
)
def test_what_stays_while_a_drop_runs(db: Database, change: dict[str, object], stays: str) -> None:
    with transaction(db) as session:
        _label, (one, *_) = three_runs(session)
        drop = make_drop(session, [session.get_one(Run, one)])
        with pytest.raises(Conflict, match=stays):
            writing.edit(session, drop.id, replace(as_stored(drop), **change), NOW)


def test_a_running_drop_takes_another_run_and_gives_none_away(db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        one, two, raw = make_run(session, release), make_run(session, release), make_run(session, release, pressed=False)
        drop = make_drop(session, [one])
        with pytest.raises(Conflict, match="no run can be taken out"):
            writing.edit(session, drop.id, replace(as_stored(drop), runs=(two.id,)), NOW)
        with pytest.raises(Conflict, match="not pressed yet"):
            writing.edit(session, drop.id, replace(as_stored(drop), runs=(one.id, raw.id)), NOW)
        writing.edit(session, drop.id, replace(as_stored(drop), runs=(one.id, two.id), title="Both", hold_minutes=5), NOW)
        assert ([entry.run_id for entry in drop.entries], drop.title, drop.hold_minutes) == ([one.id, two.id], "Both", 5)


def test_a_running_drop_is_not_ended_by_an_edit(db: Database) -> None:
    with transaction(db) as session:
        drop = make_drop(session, [make_run(session, make_release(session, make_label(session)))])
        with pytest.raises(BadInput, match="stop it"):
            writing.edit(session, drop.id, replace(as_stored(drop), closes_at=NOW), NOW)
        writing.edit(session, drop.id, replace(as_stored(drop), closes_at=SOON), NOW)
        assert drop.closes_at == SOON


def test_only_words_may_be_put_right_when_it_is_over(db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)))
        drop = make_drop(session, [run], opens_at=NOW - timedelta(days=2), closes_at=NOW)
        for change in ({"closes_at": LATER}, {"limit_per_fan": 5}, {"hold_minutes": 5}, {"network_share": 5}, {"runs": ()}):
            with pytest.raises(Conflict):
                writing.edit(session, drop.id, replace(as_stored(drop), **change), NOW)
        writing.edit(session, drop.id, replace(as_stored(drop), title="What it was"), NOW)
        assert (drop.title, drop.closes_at) == ("What it was", NOW)


def test_a_draft_is_removed_a_published_drop_stays(db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)))
        draft, running = make_drop(session, [run], published=False), make_drop(session, [run])
        with pytest.raises(Conflict):
            writing.remove(session, running.id)
        writing.remove(session, draft.id)
        assert session.scalars(select(Drop.id)).all() == [running.id]
        assert session.scalars(select(DropRun.drop_id)).all() == [running.id]
