"""The desk's first page and drop day."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import delete, select

from app.accounts.roles import Role
from app.catalogue.models import Label
from app.drops.models import Drop
from app.fulfilment.models import PostageRate
from app.kernel import alerts, heartbeat
from app.kernel.db import Database, transaction
from app.payments.models import Payment
from tests.builders import end_payment, make_drop, open_attempt, paid_order, settle_as, take_some, take_with_details
from tests.cast import BEN, EVE, NOW, StoppedClock
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, sit_down


def test_the_way_to_the_first_drop(app: Flask, db: Database, shop: Shop) -> None:
    with transaction(db) as session:
        session.execute(delete(PostageRate))
    page = sit_down(app, db, shop.other_label_id, Role.OWNER).get("/staff/").text
    assert "From here to the first drop" in page
    assert page.count("way-done") == 0
    assert 'href="/staff/postage"' in page.split("way", 1)[1]
    packer = sit_down(app, db, shop.other_label_id, Role.PACKER).get("/staff/").text
    assert 'href="/staff/postage"' not in packer


def test_only_what_is_missing_later(db: Database, shop: Shop, manager: Desk) -> None:
    page = manager.get("/staff/").text
    assert "Still missing" in page
    assert page.count("way-step") == 1
    with transaction(db) as session:
        label = session.get_one(Label, shop.label_id)
        label.imprint = label.terms = "words"
    assert manager.get("/staff/").text.count("way-step") == 1
    with transaction(db) as session:
        label = session.get_one(Label, shop.label_id)
        label.privacy = label.withdrawal = "words"
    assert "way-step" not in manager.get("/staff/").text


def test_what_is_on_sale_and_what_waits(db: Database, shop: Shop, packer: Desk) -> None:
    with transaction(db) as session:
        heartbeat.beat(session, "worker", NOW)
        drop = session.get_one(Drop, shop.drop_id)
        make_drop(session, [drop.entries[0].run], opens_at=NOW + timedelta(days=3)).title = "Winter tapes"
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    take_some(db, shop.drop_id, {shop.run_id: 3}, BEN)
    page = packer.get("/staff/").text
    assert "Pack 1 order" in page
    assert "This needs a person." not in page
    assert [_figure(page, word) for word in ("Free", "Held", "Sold", "Of them shipped")] == ["5", "3", "2", "0"]
    assert "Winter tapes" in page.split("Next drops", 1)[1]


def test_what_needs_a_person(db: Database, clock: StoppedClock, shop: Shop, manager: Desk, unchecked: None) -> None:
    page = manager.get("/staff/").text
    assert "The worker has never run here." in page
    assert "Ask who runs the server to start the shop again" in page
    with transaction(db) as session:
        heartbeat.beat(session, "worker", NOW)
    settle_as(db, open_attempt(db, take_with_details(db, shop.drop_id, {shop.run_id: 1}).id))
    take_some(db, shop.drop_id, {shop.run_id: 2}, BEN)
    assert "This needs a person." not in manager.get("/staff/").text
    clock.forward(minutes=20)
    page = manager.get("/staff/").text
    assert "The worker has been silent for 20 minutes." in page
    assert "One payment has been neither taken nor let go" in page
    assert "2 copies are held, though their holds should have ended." in page


def test_drop_day(db: Database, shop: Shop, packer: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    settle_as(db, open_attempt(db, take_with_details(db, shop.drop_id, {shop.run_id: 1}, BEN).id))
    hold = take_some(db, shop.drop_id, {shop.run_id: 3}, EVE, NOW - timedelta(minutes=4)).hold
    page = packer.get(f"/staff/drops/{shop.drop_id}/day").text
    shown = {
        word: _figure(page, word)
        for word in ("Free", "Held", "Paid", "Money on its way", "Paid late", "Payments failed", "Live holds")
    }
    assert shown == {
        "Free": "4", "Held": "3", "Paid": "2", "Money on its way": "1", "Paid late": "0", "Payments failed": "0", "Live holds": "1",
    }  # fmt: skip
    assert _figure(page, "Oldest hold") == "4:00"
    assert "6:00" in page.split("Holds that end next", 1)[1]
    assert hold.id
    assert 'hx-trigger="every 2s"' in page
    assert 'id="switches"' not in page  # a packer may not


def test_drop_day_counts_lost_money(db: Database, shop: Shop, manager: Desk) -> None:
    settle_as(db, open_attempt(db, take_with_details(db, shop.drop_id, {shop.run_id: 1}).id))
    with transaction(db) as session:
        payment_id = session.scalars(select(Payment.id)).one()
    end_payment(db, payment_id, "canceled")
    page = manager.get(f"/staff/drops/{shop.drop_id}/day").text
    assert _figure(page, "Payments failed") == "1"
    assert "One order lost its money before it was taken." in manager.get("/staff/").text
    assert "Pause new holds …" in page


def test_what_the_machine_needs(db: Database, shop: Shop, packer: Desk) -> None:
    with transaction(db) as session:
        heartbeat.beat(session, "worker", NOW)
        seen = [
            alerts.Found("disk.nearly_full/media", "The disk with media has 0.5 GB left."),
            alerts.Found("jobs.dead", "counted anyway"),
        ]
        alerts.note(session, seen, NOW)
    page = packer.get("/staff/").text
    assert "This needs a person." in page
    assert "<li>The disk with media has 0.5 GB left.</li>" in page
    assert "counted anyway" not in page
    with transaction(db) as session:
        alerts.note(session, [], NOW + alerts.CALM)
    assert "This needs a person." not in packer.get("/staff/").text


def _figure(page: str, word: str) -> str:
    return page.split(f"<dt>{word}</dt>", 1)[1].split("<span>", 1)[1].split("<", 1)[0]
