"""Each check finds what it is for, and nothing in a shop that is well."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import update

from app.alerts import CHECKS, machine, money
from app.catalogue.making import Step
from app.catalogue.making_changes import TELL
from app.catalogue.models import Label
from app.catalogue.promises import Promise
from app.checkout.asking import over
from app.checkout.house import House
from app.kernel import findings, heartbeat, outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job, JobState
from app.payments import refunds, unresolved
from app.payments.models import Dispute, PartKind, Payment, RefundOrigin, RefundPart
from app.payments.refunds import Asked
from app.payments.states import DisputeState, RefundState
from app.reports.desk_needs import Needs, needs
from app.reports.money_tasks import Kind
from tests.alerts.conftest import MakeHouse
from tests.builders import end_payment, open_attempt, open_drop, settle_as, take_some, take_with_details
from tests.cast import NOW, StoppedClock
from tests.preordering import say

WITHIN_RUN = "no copy has a number outside its run, and a run that was not pressed has no copies"
NO_GAP = "a label's order numbers run from 1 without a gap, but for those noted as lost, and none is given twice"


def found(house: House, id_: str) -> list[tuple[str, str, int | None, str]]:
    """What one check finds now."""
    (check,) = [each for each in CHECKS if each.id == id_]
    with reading(house.db) as session:
        seen = list(check.find(session, house.settings, house.clock.now()))
    assert all(each.cause.partition("/")[0] == id_ for each in seen)
    return [(each.cause, each.what, each.label_id, each.path) for each in seen]


class Room(NamedTuple):
    """What a disk has."""

    total: float
    used: float
    free: float


@pytest.fixture
def a_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Every disk has so many gigabytes, and so many left."""

    def make(total: float, free: float) -> None:
        room = Room(total * 1e9, (total - free) * 1e9, free * 1e9)
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: room)

    return make


@pytest.mark.parametrize("check", [each.id for each in CHECKS])
def test_a_shop_that_is_well_needs_nobody(
    db: Database, make_house: MakeHouse, a_disk: Callable[[float, float], None], tmp_path: Path, check: str
) -> None:
    a_disk(100, 50)
    drop_id, run_id = open_drop(db)
    take_some(db, drop_id, {run_id: 1})
    with transaction(db) as session:
        heartbeat.beat(session, heartbeat.WORKER, NOW)
        heartbeat.beat(session, heartbeat.BACKUP, NOW)
        findings.note(session, {"stock.within_run": 0}, NOW)
        outbox.enqueue(session, "mail.reminder", "1", {"reminder": 1}, now=NOW)
    assert found(make_house(backup_dir=tmp_path), check) == []


def test_the_worker_is_silent(db: Database, make_house: MakeHouse, clock: StoppedClock) -> None:
    house = make_house()
    words = "The worker has never run: no payment is taken and no mail goes out until it does."
    assert found(house, "worker.silent") == [("worker.silent", words, None, "/staff/")]
    with transaction(db) as session:
        heartbeat.beat(session, heartbeat.WORKER, NOW)
    clock.forward(seconds=60)
    assert found(house, "worker.silent") == []
    clock.forward(seconds=1)
    words = "The worker has been silent for 1 minute: no payment is taken and no mail goes out."
    assert found(house, "worker.silent") == [("worker.silent", words, None, "/staff/")]


def test_a_job_is_dead(db: Database, make_house: MakeHouse) -> None:
    with transaction(db) as session:
        outbox.enqueue(session, "mail.reminder", "1", {"reminder": 1}, now=NOW)
        session.execute(update(Job).values(state=JobState.DEAD, last_error="no", finished_at=NOW))
    assert found(make_house(), "jobs.dead") == [("jobs.dead", "1 job was given up.", None, "/staff/outbox")]


def test_an_invariant_is_broken(db: Database, make_house: MakeHouse) -> None:
    with transaction(db) as session:
        findings.note(session, {"stock.within_run": 2, "stock.one_owner": 0, "orders.no_gap": 1, "of.another_version": 5}, NOW)
    assert found(make_house(), "invariant.broken") == [
        (
            "invariant.broken/orders.no_gap",
            f"1 row breaks orders.no_gap: {NO_GAP}. Pause the drops that are open.",
            None,
            "/staff/",
        ),
        (
            "invariant.broken/stock.within_run",
            f"2 rows break stock.within_run: {WITHIN_RUN}. Pause the drops that are open.",
            None,
            "/staff/",
        ),
    ]


@pytest.mark.usefixtures("unchecked")
def test_a_payment_is_stuck(db: Database, make_house: MakeHouse, clock: StoppedClock) -> None:
    drop_id, run_id = open_drop(db)
    settle_as(db, open_attempt(db, take_with_details(db, drop_id, {run_id: 1}).id))
    clock.forward(minutes=10)
    assert found(make_house(), "payments.stuck") == []
    clock.forward(seconds=1)
    words = "Tinsel Tapes: 1 payment has been neither taken nor let go for ten minutes."
    assert found(make_house(), "payments.stuck") == [("payments.stuck/1", words, 1, "/staff/orders?stage=unpaid")]


@pytest.mark.usefixtures("unchecked")
def test_a_payment_is_lost(db: Database, make_house: MakeHouse, clock: StoppedClock) -> None:
    drop_id, run_id = open_drop(db)
    settle_as(db, open_attempt(db, take_with_details(db, drop_id, {run_id: 1}).id))
    with transaction(db) as session:
        session.execute(update(Payment).values(state="capture_failed", ended_at=NOW))
    words = "Tinsel Tapes: 1 order lost the money before it was taken."
    assert found(make_house(), "payments.lost") == [("payments.lost/1", words, 1, "/staff/orders?stage=cancelled")]
    clock.forward(days=7)
    assert found(make_house(), "payments.lost") == []


@pytest.mark.usefixtures("unchecked")
def test_copies_are_held_too_long(db: Database, make_house: MakeHouse, clock: StoppedClock) -> None:
    drop_id, run_id = open_drop(db)
    take_some(db, drop_id, {run_id: 2})
    clock.forward(hours=1)
    words = "Tinsel Tapes: 2 copies are held, though the hold should have ended: Stripe is silent, or the worker is."
    assert found(make_house(), "holds.overdue") == [("holds.overdue/1", words, 1, "/staff/")]


def test_money_asks(db: Database, make_house: MakeHouse) -> None:
    drop_id, run_id = open_drop(db)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop_id, {run_id: 1}).id))
    assert payment is not None
    end_payment(db, payment.id)
    assert found(make_house(), "money.asks") == []
    with transaction(db) as session:
        session.add(
            Dispute(
                payment_id=payment.id, stripe_id="dp_1", state=DisputeState.NEEDS_RESPONSE, amount=100, currency="EUR",
                reason="fraudulent", opened_at=NOW, heard_at=NOW, evidence_due_by=NOW + timedelta(days=7),
            )
        )  # fmt: skip
        refund = refunds.want(
            session, session.get_one(Payment, payment.id), [RefundPart(kind=PartKind.AMOUNT, amount=250)],
            Asked(RefundOrigin.DESK), NOW, state=RefundState.PROPOSED,
        )  # fmt: skip
        refund_id = refund.id
    due = "the answer is due by Friday 4 December, 20:00 in Berlin"
    assert found(make_house(), "money.asks") == [
        ("money.asks/1/answer/00001", f"Tinsel Tapes: a bank disputes €1.00 of order 00001; {due}.", 1, "/staff/orders/1"),
        (
            f"money.asks/1/confirm/refund-{refund_id}",
            "Tinsel Tapes: a refund of €2.50 of order 00001 waits for a second person.",
            1,
            f"/staff/refunds/{refund_id}",
        ),
    ]


def test_every_matter_has_words() -> None:
    assert set(money._WORDS) == set(Kind)


def test_stripe_differs(db: Database, make_house: MakeHouse) -> None:
    assert found(make_house(), "stripe.differs") == []
    one = {"kind": "refund", "about": "re_1", "what": "not known here", "todo": "look", "reference": "re_1", "made_at": NOW}
    with transaction(db) as session:
        unresolved.note(session, [{**one, "label_id": None, "amount": 100, "currency": "EUR"}], NOW, NOW, NOW)
    words = "1 difference between Stripe's own record and ours."
    assert found(make_house(), "stripe.differs") == [("stripe.differs", words, None, "/staff/differences")]


def test_each_need_of_the_desk_is_told(db: Database) -> None:
    """A new item in the desk's list wants a check, or stays unheard until somebody looks."""
    told = {"dead_jobs": "jobs.dead", "stuck_payments": "payments.stuck", "lost_payments": "payments.lost"}
    told |= {"overdue_copies": "holds.overdue", "tasks": "money.asks", "differences": "stripe.differs"}
    with reading(db) as session:
        listed: Needs = needs(session, [], NOW, [])
    assert set(listed.trouble) == set(told)
    assert set(told.values()) < {each.id for each in CHECKS}


@pytest.mark.parametrize(
    ("total", "free", "full"),
    [(20, 2.1, False), (20, 1.9, True), (1000, 5.1, False), (1000, 4.9, True), (20, 0, True)],
)
def test_a_disk_is_nearly_full(
    make_house: MakeHouse, a_disk: Callable[[float, float], None], total: float, free: float, full: bool
) -> None:
    a_disk(total, free)
    causes = [cause for cause, *_ in found(make_house(database_url="postgresql://h/d"), "disk.nearly_full")]
    assert causes == (["disk.nearly_full/media"] if full else [])


def test_one_disk_is_one_cause_and_each_disk_is_looked_at(
    make_house: MakeHouse, a_disk: Callable[[float, float], None], tmp_path: Path
) -> None:
    a_disk(20, 0.53)
    house = make_house(database_url=f"sqlite:///{tmp_path}/not/there/yet/shop.db", backup_dir=Path("/proc/self"))
    assert [(cause, what) for cause, what, *_ in found(house, "disk.nearly_full")] == [
        ("disk.nearly_full/the database", "The disk with the database and media has 0.5 GB left of 20.0 GB."),
        ("disk.nearly_full/backups", "The disk with backups has 0.5 GB left of 20.0 GB."),
    ]


def test_a_backup_is_stale(db: Database, make_house: MakeHouse, clock: StoppedClock, tmp_path: Path) -> None:
    with transaction(db) as session:
        heartbeat.beat(session, heartbeat.BACKUP, NOW)
    clock.forward(hours=26)
    assert found(make_house(backup_dir=tmp_path), "backup.stale") == []
    clock.forward(hours=1)
    words = "The last backup was made 27 hours ago."
    assert found(make_house(backup_dir=tmp_path), "backup.stale") == [("backup.stale", words, None, "/staff/")]
    assert found(make_house(backup_dir=tmp_path, backup_stale_hours=48), "backup.stale") == []
    assert found(make_house(), "backup.stale") == [], "whoever sets no folder makes backups in another way"


def test_no_backup_was_ever_made(db: Database, make_house: MakeHouse, clock: StoppedClock, tmp_path: Path) -> None:
    assert found(make_house(backup_dir=tmp_path), "backup.stale") == [], "there is nothing to lose yet"
    open_drop(db)
    with transaction(db) as session:
        session.execute(update(Label).values(created_at=NOW))
    clock.forward(hours=26)
    assert found(make_house(backup_dir=tmp_path), "backup.stale") == []
    clock.forward(seconds=1)
    words = "No backup was ever made. Ask who runs the server to have flask backup run every night."
    assert found(make_house(backup_dir=tmp_path), "backup.stale") == [("backup.stale", words, None, "/staff/")]


def test_a_promise_that_is_over(db: Database, make_house: MakeHouse, clock: StoppedClock) -> None:
    _drop, run_id = open_drop(db)
    say(db, clock, run_id, Step.PRINTED, Promise(NOW.date()))
    with transaction(db) as session:
        outbox.no_more(session, TELL, str(run_id), NOW)
    house = make_house()
    assert found(house, "promise.over") == []
    clock.set(over(NOW.date(), "Europe/Berlin"))
    [(cause, what, label_id, path)] = found(house, "promise.over")
    assert (cause, label_id, path) == (f"promise.over/{run_id}", 1, f"/staff/runs/{run_id}/making")
    assert "was promised for 27 November 2026 and is not here. Tell its fans." in what
    say(db, clock, run_id, Step.HERE, Promise(NOW.date()))
    assert found(house, "promise.over") == []
