"""Erased stays erased: an older backup holds the person still, and who puts it back does not bring them back."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app import backup
from app.accounts import audit
from app.backup import Backup, BackupTrouble, Restored
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.tokens import Tokens
from app.orders.models import Order
from app.privacy import again, erasures, record
from app.privacy.again import Again
from app.privacy.models import ErasedRow, Erasure, ErasureState
from app.worker import erasing as worker
from tests.backup.conftest import no_bar
from tests.builders import open_drop, paid_order
from tests.cast import ADA, BEN, NOW, TOKENS
from tests.privacy.people import asks, close, fan, found, later, letters_go, noted_order, ship, wish

OTHER = Tokens((b"another shop's signing key, long enough too",))
AFTER = NOW + timedelta(days=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the backups are."""
    return tmp_path / "backups"


@pytest.fixture
def older(db: Database, tmp_path: Path, folder: Path) -> Backup:
    """A backup of a shop where Ada bought, noted, and asked for a reminder, and Ben bought."""
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    ben = paid_order(db, drop, {run: 1}, BEN)
    ship(db, ben.id, tracking="BEN-1")
    wish(db, drop)
    close(db, drop)
    return backup.take(db, tmp_path / "media", folder, NOW, keep=None, bar=no_bar)


def keep(db: Database, folder: Path, tokens: Tokens = TOKENS) -> None:
    """What the worker does with the record."""
    with reading(db) as session:
        record.write(folder, record.entries(session), tokens.keys)


def put_back(db: Database, made: Backup, tmp_path: Path, *, tokens: Tokens = TOKENS, replace: bool = False) -> Restored:
    """`flask restore`."""
    erased = backup.known(db, made.path, None, tokens)
    return backup.restore(db, tmp_path / "restored", made.path, AFTER, replace=replace, bar=no_bar, erased=erased)


def adas(db: Database) -> set[str]:
    """Where Ada is found; the builders send Ben's copies to her address."""
    with transaction(db) as session:
        for order in session.scalars(select(Order).where(Order.email == BEN.email)):
            order.name, order.line1, order.postal_code, order.city = "Ben Okri", "Elsewhere 2", "20095", "Hamburg"
    return found(db)


def test_an_older_backup_brings_nobody_back(db: Database, older: Backup, folder: Path, target: Database, tmp_path: Path) -> None:
    asks(db)
    later(db)
    keep(db, folder)
    done = put_back(target, older, tmp_path)
    assert (done.again, done.record) == (Again(people=1, holds=1, reminders=1), True)
    assert adas(target) == set()
    with reading(target) as session:
        assert session.scalars(select(Order.email).order_by(Order.id)).all() == ["", BEN.email]
        assert [each.state for each in session.scalars(select(Erasure))] == [ErasureState.DONE]
        assert "reminder:1" in session.scalars(select(ErasedRow.ref)).all()
    assert "Erased again: 1 people, 1 holds with their orders, 1 reminders." in backup.what_next(done)


def test_without_that_step_they_come_back(
    db: Database, older: Backup, folder: Path, target: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is this step that keeps them away."""
    asks(db)
    later(db)
    keep(db, folder)
    monkeypatch.setattr("app.backup.restoring.erase_again", lambda *_: Again())
    put_back(target, older, tmp_path)
    assert {"orders.email", "orders.name", "orders.line1", "holds.email", "reminders.email", "order_notes.text"} <= adas(target)


def test_it_is_known_from_the_database_that_is_replaced_too(db: Database, older: Backup, folder: Path, tmp_path: Path) -> None:
    asks(db)
    later(db)
    assert not (folder / record.NAME).exists()
    db.engine.dispose()  # a connection at rest counts as a shop that runs
    done = put_back(db, older, tmp_path, replace=True)
    assert done.again.people == 1
    assert adas(db) == set()


def test_without_any_record_it_says_so(db: Database, older: Backup, target: Database, tmp_path: Path) -> None:
    done = put_back(target, older, tmp_path)
    assert not done.record
    assert "There was no record of erasures beside the backup." in backup.what_next(done)
    assert "who left since the backup is there again" in backup.what_next(done)


def test_who_bought_again_afterwards_is_left_alone(
    db: Database, older: Backup, folder: Path, target: Database, tmp_path: Path
) -> None:
    asks(db)
    due = later(db)
    drop, run = open_drop(db)
    bought = paid_order(db, drop, {run: 1}, ADA, due)
    keep(db, folder)
    newer = backup.take(db, tmp_path / "media", folder, due, keep=None, bar=no_bar)
    put_back(target, newer, tmp_path)
    with reading(target) as session:
        assert session.get_one(Order, bought.id).email == ADA.email
        assert session.scalar(select(Erasure.state)) is ErasureState.DONE


def test_who_asked_since_goes_on_being_erased(db: Database, older: Backup, folder: Path, target: Database, tmp_path: Path) -> None:
    """The backup knows nothing of the wish. They may have taken it back in the time that was lost, so the days begin anew."""
    asks(db)
    keep(db, folder)
    done = put_back(target, older, tmp_path)
    assert (done.again, adas(target) >= {"orders.email", "erasures.email"}) == (Again(go_on=1), True)
    with reading(target) as session:
        assert session.scalar(select(Erasure.due_at)) == AFTER + erasures.GRACE
    due = AFTER + erasures.GRACE
    worker.work(target, due)
    letters_go(target, due)
    worker.work(target, due)
    assert adas(target) == set()


def test_what_was_taken_back_stays_taken_back(db: Database, older: Backup, folder: Path, target: Database, tmp_path: Path) -> None:
    id_ = asks(db)
    newer = backup.take(db, tmp_path / "media", folder, NOW + timedelta(hours=1), keep=None, bar=no_bar)
    with transaction(db) as session:
        erasures.take_back(session, id_, NOW + timedelta(hours=2))
    keep(db, folder)
    put_back(target, newer, tmp_path)
    with reading(target) as session:
        assert session.scalar(select(Erasure.state)) is ErasureState.TAKEN_BACK


def test_a_record_of_another_shop_is_refused_before_anything_is_lost(
    db: Database, older: Backup, folder: Path, target: Database
) -> None:
    asks(db)
    later(db)
    keep(db, folder, OTHER)
    with pytest.raises(BackupTrouble, match="has 1 lines that none of our keys has signed"):
        backup.known(target, older.path, None, TOKENS)


def test_a_changed_line_is_not_believed(db: Database, older: Backup, folder: Path) -> None:
    asks(db)
    later(db)
    keep(db, folder)
    there = folder / record.NAME
    there.write_text(there.read_text().replace("hold:1", "hold:2"))
    assert record.read(folder, TOKENS.keys).strange == 1


def test_after_a_rotation_the_old_key_counts_until_it_is_signed_anew(db: Database, older: Backup, folder: Path) -> None:
    asks(db)
    later(db)
    keep(db, folder)
    new = b"a new signing key, long enough as well"
    both = Tokens((new, *TOKENS.keys))
    assert record.read(folder, both.keys).strange == 0
    keep(db, folder, both)
    assert (record.read(folder, (new,)).strange, len(record.read(folder, (new,)).entries)) == (0, 1)


def test_the_record_names_nobody_and_forgets_nothing(db: Database, older: Backup, folder: Path) -> None:
    asks(db)
    later(db)
    keep(db, folder)
    text = (folder / record.NAME).read_text()
    assert not any(word in text.lower() for word in ("ada", "lovelace", "example.org", "prüfweg"))
    assert json.loads(text)["erasure"]["rows"][0] == "cs_test_1"
    assert (folder / record.NAME).stat().st_mode & 0o077 == 0
    with transaction(db) as session:  # as a database that knows less would write it
        session.query(ErasedRow).delete()
    keep(db, folder)
    assert (folder / record.NAME).read_text() == text


def test_it_works_across_kinds_of_database(db: Database, older: Backup, folder: Path, other_kind: Database, tmp_path: Path) -> None:
    asks(db)
    later(db)
    keep(db, folder)
    put_back(other_kind, older, tmp_path)
    assert adas(other_kind) == set()


def test_a_hold_of_the_record_that_the_backup_does_not_have_is_passed_over(db: Database) -> None:
    with transaction(db) as session:
        assert session.scalars(select(Hold)).all() == []
    drop, run = open_drop(db)
    paid_order(db, drop, {run: 1}, BEN)
    entry = record.Entry(7, 1, "0" * 32, ErasureState.DONE, NOW.isoformat(), NOW.isoformat(), ("hold:99", "reminder:5", "cs_x"))
    with transaction(db) as session:
        assert again.erase_again(session, [entry], TOKENS, NOW) == Again()
        assert again.was_erased(session, 99, "") == again.was_erased(session, 1, "cs_x") == 7
        assert again.was_erased(session, 1, "cs_y") is None


def test_who_comes_back_with_an_order_made_again_is_erased_after_all(db: Database) -> None:
    """The backup knows nothing of Ada; she bought, and asked to be erased, after it was made. Stripe brings her order back."""
    drop, run = open_drop(db)
    asked = record.Entry(7, 1, fan().digest(TOKENS), ErasureState.WAITING, NOW.isoformat(), NOW.isoformat())
    with transaction(db) as session:
        assert again.erase_again(session, [asked], TOKENS, AFTER) == Again()
    order = paid_order(db, drop, {run: 1}, ADA)
    rebuilt(db, order.id)
    close(db, drop)
    ship(db, order.id)
    letters_go(db, AFTER)
    with transaction(db) as session:
        for each in session.scalars(select(Hold)):  # what she bought later is none of it
            assert each.created_at <= NOW
    worker.go_on_with_rebuilt(db, Tokens((b"a new signing key, long enough as well", *TOKENS.keys)), AFTER)
    with reading(db) as session:
        erasure = session.scalars(select(Erasure)).one()
        assert (erasure.state, erasure.email, erasure.due_at) == (ErasureState.WAITING, ADA.email, AFTER + erasures.GRACE)
    worker.go_on_with_rebuilt(db, TOKENS, AFTER)
    later(db, AFTER)
    assert found(db) == set()
    worker.go_on_with_rebuilt(db, TOKENS, AFTER)
    with reading(db) as session:
        assert session.scalars(select(Erasure.state)).all() == [ErasureState.DONE]


@pytest.mark.parametrize("why", ["taken back", "bought since", "somebody else", "not made again"])
def test_nobody_else_is_erased_with_an_order_made_again(db: Database, why: str) -> None:
    drop, run = open_drop(db)
    state = ErasureState.TAKEN_BACK if why == "taken back" else ErasureState.WAITING
    at = NOW - timedelta(hours=1) if why == "bought since" else NOW
    whom = fan(BEN if why == "somebody else" else ADA)
    with transaction(db) as session:
        again.erase_again(session, [record.Entry(7, 1, whom.digest(TOKENS), state, at.isoformat(), at.isoformat())], TOKENS, AFTER)
    over = ErasureState.TAKEN_BACK if why == "taken back" else ErasureState.DONE
    with reading(db) as session:
        assert session.scalars(select(Erasure.state)).one() is over
    order = paid_order(db, drop, {run: 1}, ADA)
    if why != "not made again":
        rebuilt(db, order.id)
    letters_go(db, AFTER)
    worker.go_on_with_rebuilt(db, TOKENS, AFTER)
    with reading(db) as session:
        assert session.scalars(select(Erasure.state)).one() is over


def rebuilt(db: Database, order_id: int) -> None:
    """It was made again from Stripe's record."""
    with transaction(db) as session:
        audit.note(session, "order.rebuilt", "order", order_id, now=AFTER, staff_id=None, label_id=1, number=1)
