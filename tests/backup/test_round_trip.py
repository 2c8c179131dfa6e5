"""What was backed up comes back: every row and every file, into either kind of database."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app.accounts import audit, chain
from app.accounts.models import AuditEntry, StaffSession
from app.accounts.roles import Role
from app.backup import Restored
from app.backup.ids import LEAP
from app.checkout.shortfall_choice import Answer
from app.drops.models import Drop
from app.invariants import offenders
from app.inventory.models import Hold
from app.kernel import shape
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from tests import short
from tests.backup.conftest import Kept, everything
from tests.builders import make_drop, make_label, make_release, make_run, take_some
from tests.cast import EVE, NOW
from tests.staff.seat import make_staff

PutBack = Callable[..., Restored]
Tables = dict[str, list[tuple[Any, ...]]]


def test_every_row_and_file_comes_back(kept: Kept, target: Database, put_back: PutBack, tmp_path: Path) -> None:
    before = everything(kept.db)
    made = kept.take()
    done = put_back(target, made.path)
    assert changed(before, everything(target)) == {"drops", "audit_log"}  # paused, and that is written down
    assert {name: len(rows) for name, rows in before.items()} == made.manifest.tables
    assert (made.manifest.database, made.manifest.at) == (kept.db.engine.dialect.name, NOW)
    assert (done.broken, done.manifest) == ([], made.manifest)
    restored = tmp_path / "restored-media"
    assert {str(file.relative_to(restored)): file.read_bytes() for file in restored.rglob("*") if file.is_file()} == {
        "aa.jpg": bytes(range(256)) * 40,
        "bb.mp3": b"a sound",
        "files/dd": b"an album" * 1000,
    }
    assert (restored / "files").stat().st_mode & 0o077 == 0


def test_a_shop_moves_to_the_other_kind_of_database(kept: Kept, other_kind: Database, put_back: PutBack) -> None:
    before = everything(kept.db)
    assert put_back(other_kind, kept.take().path).broken == []
    assert changed(before, everything(other_kind)) == {"drops", "audit_log"}


def test_the_audit_logs_chain_goes_on_in_the_other_kind_of_database(kept: Kept, other_kind: Database, put_back: PutBack) -> None:
    with transaction(kept.db) as session:
        for words in ("rain", "“snow” № 2"):
            audit.note(session, "drop.paused", "drop", kept.drop_id, now=NOW, staff_id=None, reason=words, held=True, count=3)
        chain.seal(session)
        before = chain.check(session, NOW)
    put_back(other_kind, kept.take().path)
    with transaction(other_kind) as session:
        assert chain.check(session, NOW).head == before.head
        assert chain.seal(session) > 0  # that it was restored is a deed, too
    with reading(other_kind) as session:
        after = chain.check(session, NOW)
    assert (after.broken, after.sealed > before.sealed > 1) == ("", True)


def changed(before: Tables, after: Tables) -> set[str]:
    """The tables that differ."""
    return {name for name in before.keys() | after.keys() if before[name] != after[name]}


def test_the_restored_database_has_the_newest_shape_with_all_its_guards(kept: Kept, target: Database, put_back: PutBack) -> None:
    put_back(target, kept.take().path)
    with target.engine.connect() as connection:
        assert shape.current(connection) == shape.newest()
        if not target.is_sqlite:
            keys = "SELECT count(*) FILTER (WHERE convalidated), count(*) FROM pg_constraint WHERE contype = 'f'"
            proven, all_of_them = connection.execute(text(keys)).one()
            assert proven == all_of_them > 30
    with pytest.raises(Exception, match=r"(?i)foreign key"), transaction(target) as session:
        session.execute(text("UPDATE copies SET hold_id = 999999 WHERE state = 'held'"))
    with pytest.raises(Exception, match="append-only"), transaction(target) as session:
        session.execute(text("DELETE FROM stock_movements"))


def test_the_shop_goes_on_from_there(kept: Kept, target: Database, put_back: PutBack) -> None:
    put_back(target, kept.take().path)
    with transaction(target) as session:
        session.get_one(Drop, kept.drop_id).paused_at = None
    take_some(target, kept.drop_id, {kept.run_id: 2}, EVE)
    with reading(target) as session:
        assert offenders(session, NOW) == []


def test_an_id_that_may_have_been_given_since_is_never_given_again(kept: Kept, target: Database, put_back: PutBack) -> None:
    """A link to a hold or an order that was lost must not open somebody else's."""
    with reading(kept.db) as session:
        highest = max(session.scalars(select(Hold.id)))
    put_back(target, kept.take().path)
    with transaction(target) as session:
        session.get_one(Drop, kept.drop_id).paused_at = None
    assert take_some(target, kept.drop_id, {kept.run_id: 1}, EVE).hold.id == highest + LEAP + 1


def test_nothing_is_sold_and_nobody_is_signed_in_until_somebody_has_looked(kept: Kept, target: Database, put_back: PutBack) -> None:
    with transaction(kept.db) as session:
        label = make_label(session)
        run = make_run(session, make_release(session, label))
        make_drop(session, [run], opens_at=NOW + timedelta(days=1))
        make_drop(session, [run], opens_at=NOW - timedelta(days=2), closes_at=NOW - timedelta(days=1))
        make_drop(session, [run], published=False)
        label_id = label.id
    sam = make_staff(kept.db, "Sam", {label_id: Role.OWNER})
    with transaction(kept.db) as session:
        session.add(StaffSession(token_digest="x", staff_id=sam, created_at=NOW, seen_at=NOW))
    done = put_back(target, kept.take().path)
    assert done.paused == ["Drop 1", "Drop 2"]
    with reading(target) as session:
        assert [drop.paused_at for drop in session.scalars(select(Drop).order_by(Drop.id))] == [NOW, NOW, None, None]
        assert session.scalars(select(StaffSession.ended_at)).all() == [NOW]
        written = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert written is not None
        assert (written.deed, written.detail) == ("shop.restored", {"backup": NOW.isoformat()})


def test_orders_keep_their_links(kept: Kept, target: Database, put_back: PutBack) -> None:
    put_back(target, kept.take().path)
    with reading(kept.db) as before, reading(target) as after:
        known = select(Order.id, Order.generation, Order.number)
        assert after.execute(known).all() == before.execute(known).all() != []


def test_what_fans_are_asked_goes_on_after_a_restore(kept: Kept, target: Database, put_back: PutBack) -> None:
    short.deliver(kept.db, kept.run_id, short.said(1, 2))
    short.answer(kept.db, 1, Answer.WAIT)
    put_back(target, kept.take().path)
    assert everything(target)["shortfalls"] == everything(kept.db)["shortfalls"] != []
    assert everything(target)["deliveries"] == everything(kept.db)["deliveries"] != []
    short.answer(target, 2, Answer.REFUND)
    short.arrive(target, kept.run_id, 1)
    assert short.states(target) == {1: "replaced", 2: "refunding"}
