"""What is held about a fan: shown to who reads its mail, and to nobody else; erased when they say so."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.checkout import correct
from app.inventory.models import Copy, DeskHold, Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from app.orders.models import Order
from app.orders.vat_models import Invoice, InvoiceKind
from app.payments.models import Fate, PartKind, Payment, Refund, RefundOrigin, RefundPart
from app.payments.states import RefundState
from app.privacy import data_links, erasures
from app.privacy.models import DataLink, Erasure, ErasureState
from app.privacy.persons import Person
from app.reports import fan_data, letters
from app.worker import erasing as worker
from tests.builders import open_drop, take_with_details
from tests.cast import ADA, BEN, NOW, TOKENS, StoppedClock
from tests.privacy.people import close, letters_go, noted_order, ship, wish
from tests.shop.looking import look


@pytest.fixture(autouse=True)
def drop_id(db: Database) -> int:
    """Ada bought two, and asked for a reminder."""
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    noted_order(db, drop, run, sent=False)
    wish(db, drop)
    letters_go(db, NOW)
    return drop


def link(app: Flask, db: Database, email: str = ADA.email) -> str:
    """Ask, and take the link that the mail has."""
    assert app.test_client().post("/your-data", data={"email": email}).status_code == 200
    with reading(db) as session:
        job = session.scalars(select(Job).where(Job.kind == data_links.MAIL).order_by(Job.id.desc())).first()
        assert job is not None
        letter = letters.write(session, job.kind, job.payload, "https://shop.example", TOKENS)
    assert letter is not None
    assert letter.to == email
    [path] = [line.removeprefix("https://shop.example") for line in letter.text.splitlines() if "/your-data/" in line]
    assert f"https://shop.example{path}" in (letter.html or "")
    return path


def written(db: Database, kind: str) -> Any:
    """The newest letter of a kind."""
    with reading(db) as session:
        job = session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id.desc())).first()
        return letters.write(session, job.kind, job.payload, "https://shop.example", TOKENS) if job else None


def test_the_answer_never_tells_whether_anything_is_held(app: Flask, db: Database) -> None:
    said = [app.test_client().post("/your-data", data={"email": who}).text.replace(who, "X") for who in (ADA.email, BEN.email)]
    assert said[0] == said[1]
    assert "Look in your mail." in said[0]
    with reading(db) as session:
        assert session.scalars(select(DataLink.email)).all() == [ADA.email]
        assert len(session.scalars(select(Job.id).where(Job.kind == data_links.MAIL)).all()) == 1


def test_an_address_gets_three_links_an_hour_and_a_network_thirty(app: Flask, db: Database) -> None:
    client = app.test_client()
    for _ in range(5):
        assert client.post("/your-data", data={"email": ADA.email}).status_code == 200
    with reading(db) as session:
        assert len(session.scalars(select(Job.id).where(Job.kind == data_links.MAIL)).all()) == 3
    answers = [client.post("/your-data", data={"email": f"x{n}@example.org"}).status_code for n in range(26)]
    assert (answers.count(200), answers.count(429)) == (25, 1)


def test_all_that_is_held_is_shown_and_goes_along(app: Flask, db: Database) -> None:
    path = link(app, db)
    page = look(app, path)
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    for word in ("Ada Lovelace, Prüfweg 1, 10115 Berlin, DE", "gate-code 77", "allergic to bubble wrap", "JJD-SECRET", "pi_1"):
        assert word in page.text
    file = app.test_client().get(f"{path}/data.json")
    assert file.headers["Content-Disposition"] == 'attachment; filename="your-data-2026-11-27.json"'
    [label] = json.loads(file.text)["labels"]
    assert [order["number"] for order in label["orders"]] == ["00001", "00002"]
    assert label["orders"][0]["address"]["line1"] == "Prüfweg 1"
    assert label["orders"][0]["notes_of_the_desk"][0]["text"] == "allergic to bubble wrap"
    assert label["orders"][0]["copies"][0]["numbers"] == [1]
    assert label["holds"][0]["cookie"] == "ada-cookie"
    assert label["reminders"][0]["email"] == ADA.email


def test_nobody_elses_is_shown(app: Flask, db: Database, drop_id: int) -> None:
    with reading(db) as session:
        run = session.scalars(select(Order)).first().lines[0].run_id  # type: ignore[union-attr]  # there are two
    take_with_details(db, drop_id, {run: 1}, BEN)
    path = link(app, db, BEN.email)
    text = look(app, path).text + app.test_client().get(f"{path}/data.json").text
    assert "ben@example.org" in text
    assert not any(word in text for word in ("ada@", "Lovelace", "gate-code", "JJD"))


def test_a_link_ends_with_the_next_one_and_after_a_day(app: Flask, db: Database, clock: StoppedClock) -> None:
    first = link(app, db)
    second = link(app, db)
    assert (look(app, first).status_code, look(app, second).status_code) == (404, 200)
    clock.forward(hours=24, minutes=1)
    assert look(app, second).status_code == 404
    with transaction(db) as session:
        data_links.sweep(session, clock.now())
    with reading(db) as session:
        assert session.scalars(select(DataLink)).all() == []
    letters_go(db, clock.now())


@pytest.mark.parametrize("wrong", ["1-AAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "../orders"])
def test_a_forged_link_opens_nothing(app: Flask, db: Database, wrong: str) -> None:
    for path in (f"/your-data/{wrong}", f"/your-data/{wrong}/data.json", f"/your-data/erasures/{wrong}"):
        assert app.test_client().get(path).status_code == 404


def test_erased_after_a_week_and_told_at_each_step(app: Flask, db: Database, clock: StoppedClock, drop_id: int) -> None:
    close(db, drop_id)
    path = link(app, db)
    label = json.loads(app.test_client().get(f"{path}/data.json").text)["labels"][0]["label"]
    ask = look(app, f"{path}/erase/tinsel-1")
    assert "Order № 00002 has not left yet." in ask.text
    with reading(db) as session:
        assert session.scalars(select(Erasure)).all() == []  # looking does nothing
    there = app.test_client().post(f"{path}/erase/tinsel-1").headers["Location"]
    assert "You will be erased." in look(app, there).text
    assert "This is under way." in look(app, path).text
    asked = written(db, erasures.ASKED)
    assert (asked.to, there in asked.text, "Order № 00002 has not left yet." in asked.text) == (ADA.email, True, True)
    letters_go(db, NOW)
    due = clock.forward(days=7, minutes=1)
    worker.work(db, due)
    partly = written(db, erasures.PARTLY)
    assert partly.subject == f"Erased at {label}, but for what must stay a while"
    assert "Order № 00002 has not left yet. It stays until the parcel has gone, or the order is cancelled." in partly.text
    assert "but for what must stay a while" in look(app, there).text
    assert app.test_client().post(f"{there}/take-back").status_code == 409
    with transaction(db) as session:
        order = session.scalars(select(Order).where(Order.number == 2)).one()
        order_id = order.id
    ship(db, order_id, due)
    worker.work(db, due + timedelta(minutes=61))
    last = written(db, erasures.ERASED)
    assert "This is the last mail" in last.text
    letters_go(db, due)
    worker.work(db, due + timedelta(minutes=62))
    assert "You are erased." in look(app, there).text
    assert written(db, erasures.ERASED) is None
    with reading(db) as session:
        assert session.scalar(select(Erasure.state)) is ErasureState.DONE


def test_taken_back_by_its_link(app: Flask, db: Database) -> None:
    there = app.test_client().post(f"{link(app, db)}/erase/tinsel-1").headers["Location"]
    assert app.test_client().post(f"{there}/take-back").status_code == 303
    assert "Everything stays." in look(app, there).text


def test_the_orders_link_ends_with_them(app: Flask, db: Database, drop_id: int) -> None:
    close(db, drop_id)
    order = f"/orders/{TOKENS.make('order', 1, 1)}"
    assert look(app, order).status_code == 200
    app.test_client().post(f"{link(app, db)}/erase/tinsel-1")
    worker.work(db, NOW + erasures.GRACE)
    assert look(app, order).status_code == 404


def test_another_sites_form_erases_nobody(app: Flask, db: Database) -> None:
    answer = app.test_client().post(f"{link(app, db)}/erase/tinsel-1", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    with reading(db) as session:
        assert session.scalars(select(Erasure)).all() == []


def test_the_footer_and_the_order_lead_there(app: Flask, db: Database) -> None:
    assert 'href="/your-data"' in look(app, "/").text
    assert 'href="/your-data"' in look(app, f"/orders/{TOKENS.make('order', 1, 1)}").text
    assert "See what we hold about you" in look(app, "/your-data").text


def test_what_else_is_written_about_an_order_goes_along(app: Flask, db: Database, drop_id: int) -> None:
    """Whatever may hold a fan's words: an invoice's address, why copies were withdrawn, and for whom the desk set one aside."""
    with transaction(db) as session:
        order = session.scalars(select(Order).order_by(Order.id)).first()
        assert order is not None
        payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
        session.add(
            Invoice(
                label_id=1, order_id=order.id, kind=InvoiceKind.INVOICE, number=1, prefix="INV-", issued_at=NOW,
                buyer="Ada Lovelace\nPrüfweg 1", facts={}, total=order.total_amount,
            )
        )  # fmt: skip
        session.add(DeskHold(hold_id=order.hold_id, staff_id=1, for_whom="Ada from the radio", reason="she wrote a review"))
        back = Refund(
            payment_id=payment.id, order_id=order.id, amount=100, currency="EUR", state=RefundState.SUCCEEDED, created_at=NOW,
            reason="a crack", origin=RefundOrigin.DESK, ended_at=NOW, stripe_id="re_1", idempotency_key="refund-1",
        )  # fmt: skip
        session.add(back)
        session.flush()
        copy = session.scalars(select(Copy).where(Copy.order_line_id == order.lines[0].id)).first()
        assert copy is not None
        session.add(
            RefundPart(
                refund_id=back.id, kind=PartKind.COPY, amount=100, copy_id=copy.id, order_line_id=order.lines[0].id,
                fate=Fate.KEPT, words="sat on it",
            )
        )  # fmt: skip
        file = fan_data.fan_data(session, TOKENS, Person(1, ADA.email, ADA.email), NOW).file
        text = json.dumps(file, ensure_ascii=False)
        for word in ("INV-1", "Ada Lovelace\\nPrüfweg 1", "Ada from the radio", "she wrote a review", "a crack", "sat on it"):
            assert word in text, word
        session.rollback()


def test_who_owns_a_mistyped_address_sees_nothing_of_who_typed_it(app: Flask, db: Database) -> None:
    """Staff put the address of an order right: the hold has the wrong one still, and its owner is a stranger."""
    with transaction(db) as session:
        first = session.scalars(select(Order.id).order_by(Order.id)).first()
        assert first is not None
        correct.correct_email(session, first, "ada.l@example.org", NOW)
        gone = session.scalars(select(Order).where(Order.id != first)).one()
        session.get_one(Hold, gone.hold_id).email = gone.email = "else@example.org"
    letters_go(db, NOW)
    text = look(app, path := link(app, db)).text + app.test_client().get(f"{path}/data.json").text
    [share] = json.loads(app.test_client().get(f"{path}/data.json").text)["labels"]
    assert share["orders"] == []
    assert [sorted(hold) for hold in share["holds"]] == [["drop", "email", "held_at", "state", "until"]]
    assert not any(word in text for word in ("Lovelace", "gate-code", "JJD", "ada.l@", "ada-cookie", "cs_test_1"))
