"""Publish, take back, pause, resume, stop and reopen: when each is possible, and what it leaves."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.drops import deeds, pausing, selling, stopping
from app.drops.doors import Door
from app.drops.models import Drop
from app.kernel.db import Database, transaction
from app.kernel.errors import BadInput, Conflict
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW

SOON = NOW + timedelta(days=1)


def draft(session: Session, *, pressed: bool = True, opens_in: timedelta = timedelta(days=1)) -> Drop:
    run = make_run(session, make_release(session, make_label(session)), pressed=pressed)
    return make_drop(session, [run], opens_at=NOW + opens_in, published=False)


def running(session: Session) -> Drop:
    return make_drop(session, [make_run(session, make_release(session, make_label(session)))])


def test_a_finished_draft_is_published_once(db: Database) -> None:
    with transaction(db) as session:
        drop = draft(session)
        assert deeds.publish(session, drop.id, NOW, at_once=False).published_at == NOW
        with pytest.raises(Conflict, match="published already"):
            deeds.publish(session, drop.id, NOW, at_once=False)


def test_what_is_not_finished_is_not_published(db: Database) -> None:
    with transaction(db) as session:
        raw, hidden, empty, late = draft(session, pressed=False), draft(session), draft(session), draft(session)
        hidden.entries[0].run.release.published = False
        empty.entries = []
        late.opens_at, late.closes_at = NOW - timedelta(days=2), NOW - timedelta(days=1)
        for drop, why in (
            (raw, "not pressed"),
            (hidden, "not published"),
            (empty, "at least one run"),
            (late, "closing time is over"),
        ):
            with pytest.raises(Conflict, match=why):
                deeds.publish(session, drop.id, NOW, at_once=True)
            assert drop.published_at is None


def test_doors_open_at_once_only_when_that_was_said(db: Database) -> None:
    with transaction(db) as session:
        drop = draft(session, opens_in=timedelta(0))
        with pytest.raises(Conflict, match="would open the doors at once"):
            deeds.publish(session, drop.id, NOW, at_once=False)
        assert deeds.publish(session, drop.id, NOW, at_once=True).published_at == NOW


def test_an_announced_drop_can_be_taken_back_an_open_one_cannot(db: Database) -> None:
    with transaction(db) as session:
        drop = draft(session)
        deeds.publish(session, drop.id, NOW, at_once=False)
        assert deeds.unpublish(session, drop.id, NOW).published_at is None
        with pytest.raises(Conflict):
            deeds.unpublish(session, running(session).id, NOW)


def test_a_pause_has_a_reason_and_an_end(db: Database) -> None:
    with transaction(db) as session:
        drop = running(session)
        with pytest.raises(BadInput):
            pausing.pause(session, drop.id, "", NOW)
        pausing.pause(session, drop.id, "The printer is on fire.", NOW)
        pausing.pause(session, drop.id, "It is out. Ten minutes.", NOW + timedelta(minutes=1))
        assert (drop.paused_at, drop.pause_reason) == (NOW, "It is out. Ten minutes.")
        pausing.resume(session, drop.id, NOW)
        assert (drop.paused_at, drop.pause_reason) == (None, "")
        with pytest.raises(Conflict, match="not paused"):
            pausing.resume(session, drop.id, NOW)


def test_a_stop_has_a_reason_and_ends_everything_else(db: Database) -> None:
    with transaction(db) as session:
        drop = running(session)
        with pytest.raises(BadInput):
            stopping.stop(session, drop.id, "", NOW)
        assert drop.closed_at is None
        stopping.stop(session, drop.id, "The plant sent the wrong tapes.", NOW)
        assert (drop.closed_at, drop.close_reason) == (NOW, "The plant sent the wrong tapes.")
        for deed in (pausing.resume, deeds.unpublish):
            with pytest.raises(Conflict):
                deed(session, drop.id, NOW)
        for told in (pausing.pause, stopping.stop):
            with pytest.raises(Conflict):
                told(session, drop.id, "why", NOW)


@pytest.mark.parametrize("closes_in", [None, timedelta(hours=1)])
def test_a_stopped_drop_is_reopened_while_it_would_have_gone_on(db: Database, closes_in: timedelta | None) -> None:
    with transaction(db) as session:
        drop = running(session)
        drop.closes_at = NOW + closes_in if closes_in else None
        with pytest.raises(Conflict, match="not stopped"):
            stopping.reopen(session, drop.id, "All are here.", NOW)
        pausing.pause(session, drop.id, "Counting.", NOW)
        stopping.stop(session, drop.id, "Wrong tapes.", NOW)
        with pytest.raises(BadInput):
            stopping.reopen(session, drop.id, "", NOW)
        stopping.reopen(session, drop.id, "All are here.", NOW + timedelta(minutes=59))
        assert (drop.closed_at, drop.close_reason, drop.pause_reason) == (None, "All are here.", "Counting.")
        assert (Door.of(drop).stop_reason, Door.of(drop).again_reason) == ("", "All are here.")
        stopping.stop(session, drop.id, "The wrong shells.", NOW + timedelta(minutes=59))
        assert (Door.of(drop).stop_reason, Door.of(drop).again_reason) == ("The wrong shells.", "")


def test_a_drop_whose_planned_end_has_come_stays_closed(db: Database) -> None:
    with transaction(db) as session:
        drop = running(session)
        drop.closes_at = NOW + timedelta(hours=1)
        stopping.stop(session, drop.id, "Wrong tapes.", NOW)
        with pytest.raises(Conflict, match="stays closed"):
            stopping.reopen(session, drop.id, "All are here.", NOW + timedelta(hours=1))
        assert drop.closed_at == NOW


def test_a_draft_is_neither_paused_nor_stopped(db: Database) -> None:
    with transaction(db) as session:
        drop = draft(session)
        with pytest.raises(Conflict):
            pausing.pause(session, drop.id, "why", NOW)
        with pytest.raises(Conflict):
            stopping.stop(session, drop.id, "why", NOW)


def test_a_price_stays_while_fans_are_buying(db: Database) -> None:
    with transaction(db) as session:
        drop = running(session)
        run_id = drop.entries[0].run_id
        assert "Drop 1" in selling.price_lock(session, run_id, NOW)
        assert selling.price_lock(session, run_id, drop.opens_at - timedelta(seconds=1)) == ""
        stopping.stop(session, drop.id, "why", NOW)
        assert selling.price_lock(session, run_id, NOW) == ""


def test_a_run_sold_in_two_drops_at_once_is_pointed_out(db: Database) -> None:
    with transaction(db) as session:
        first = running(session)
        run = first.entries[0].run
        second = make_drop(session, [run], opens_at=SOON, published=False)
        assert selling.shared_with(session, second) == [(run.title, first.title)]
        assert selling.shared_with(session, first) == []
        first.closes_at = SOON
        session.flush()
        assert selling.shared_with(session, second) == []
