"""The letters: to whom, under which id, and what stands in both halves."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Format, Release, Run
from app.checkout import mishaps
from app.checkout.follow import follow
from app.checkout.mishap_answers import Again, Answer, Answers
from app.checkout.quote import quote
from app.checkout.settle import settle, settle_free
from app.drops import reminders
from app.drops.models import Drop, DropRun, Reminder
from app.fulfilment import shipping
from app.fulfilment.models import Trouble
from app.fulfilment.shipping import SHIPPED
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.mail import Letter
from app.kernel.money import Money
from app.orders.models import Order
from app.payments import attempts
from app.payments.models import Payment
from app.payments.states import AttemptState
from app.reports import letters
from app.reports.letter_paper import counted, ink, strip_lines, strip_rows
from app.reports.yours import Yours
from tests.builders import BERLIN, facts_of, make_drop, make_label, make_release, make_run, open_drop, paid_order, take_with_details
from tests.cast import ADA, NOW, SAM, TOKENS
from tests.giving import desk

URL = "https://shop.example"


def write(db: Database, kind: str, **payload: object) -> Letter | None:
    """The letter as the worker would have it written."""
    with reading(db) as session:
        return letters.write(session, kind, payload, URL, TOKENS)


def placed(db: Database, quantity: int = 1, size: int = 100) -> int:
    """A paid order of Ada's; its id."""
    drop_id, run_id = open_drop(db, size=size)
    hold = take_with_details(db, drop_id, {run_id: quantity})
    with transaction(db) as session:
        return _pay(session, hold)


def _pay(session: Session, hold: Hold) -> int:
    hold = session.get_one(Hold, hold.id)
    due = quote(session, hold).quote
    attempt = attempts.want(session, hold.id, due.as_json(), due.total, NOW)
    settle(session, attempt.id, facts_of(attempt), NOW)
    payment = session.query(Payment).one()
    follow(session, payment, "succeeded", NOW)
    assert payment.order_id is not None
    return payment.order_id


def test_confirmed(db: Database) -> None:
    order_id = placed(db, 2)
    letter = write(db, "mail.confirmed", order=order_id)
    assert letter is not None
    assert letter.key == "mail.confirmed.1"
    assert letter.to == ADA.email
    assert letter.subject == "№ 001, 002/100 are yours: Night Bus"
    link = f"{URL}/orders/{TOKENS.make('order', order_id, 1)}"
    for half in (letter.text, letter.html):
        assert link in half
        assert "€49.95" in half
        assert "98 free · 2 sold of 100" in half
        assert "10115 Berlin" in half
        assert "Germany" in half
    assert letter.text.startswith("№ 001, 002/100\nNight Bus by Mira Vale\n")
    assert "◆◆·" in letter.text
    assert letter.html.count("background:#d03106") >= 3  # the band and both ticks
    assert len(letter.html.encode()) < 100_000
    again = write(db, "mail.confirmed", order=order_id, again=2)
    assert again is not None
    assert again.key == "mail.confirmed.1.again-2"


@pytest.mark.parametrize(
    ("sizes", "wants", "subject"),
    [
        ((100,), (5,), "№ 001, 002, 003, 004, 005/100 are yours: Night Bus"),
        ((100,), (12,), "12 copies are yours: Night Bus"),
        ((100, 40), (2, 1), "TAPE-001 № 001, 002 · TAPE-002 № 01 are yours: Night Bus and Work 2"),
        ((9, 9, 9), (1, 1, 1), "TAPE-001 № 1 · TAPE-002 № 1 · TAPE-003 № 1 are yours: Night Bus and 2 more"),
        ((100, 40), (8, 9), "17 copies are yours: Night Bus and Work 2"),
    ],
)
def test_the_subject_names_every_copy_it_has_room_for(
    db: Database, sizes: tuple[int, ...], wants: tuple[int, ...], subject: str
) -> None:
    drop_id, runs = _drop_of(db, sizes)
    order = paid_order(db, drop_id, dict(zip(runs, wants, strict=True)))
    letter = write(db, "mail.confirmed", order=order.id)
    assert letter is not None
    assert letter.subject == subject
    with transaction(db) as session:
        shipment = shipping.ship(session, order.id, "DHL", "", NOW, SAM)
    shipped = write(db, SHIPPED, shipment=shipment.id)
    assert shipped is not None
    named, _, works = subject.partition(" are yours: ")
    assert shipped.subject == f"On its way: {named}, {works}"


def test_a_single_copy_is_named_however_long_its_title(db: Database) -> None:
    order_id = placed(db)
    with transaction(db) as session:
        session.query(Release).one().title = "Night Bus " * 20
    letter = write(db, "mail.confirmed", order=order_id)
    assert letter is not None
    assert letter.subject.startswith("№ 001/100 is yours: Night Bus Night Bus")


def _drop_of(db: Database, sizes: tuple[int, ...]) -> tuple[int, list[int]]:
    """An open drop of as many releases with a run each; its id and those of the runs."""
    with transaction(db) as session:
        label = make_label(session)
        titles = ["Night Bus", *(f"Work {n}" for n in range(2, len(sizes) + 1))]
        runs = [
            make_run(session, make_release(session, label, title=title), size=n) for title, n in zip(titles, sizes, strict=True)
        ]
        return make_drop(session, runs).id, [run.id for run in runs]


def test_what_is_gone_is_not_written_about(db: Database) -> None:
    for kind, what in (("confirmed", "order"), ("shipped", "shipment"), ("not_charged", "payment"), ("reminder", "reminder")):
        assert write(db, f"mail.{kind}", **{what: 404}) is None
    assert write(db, "mail.link", orders=[404]) is None


def test_a_free_order_is_confirmed_not_paid(db: Database) -> None:
    drop_id, run_id = open_drop(db, price=0)
    hold = take_with_details(db, drop_id, {run_id: 1})
    with transaction(db) as session:
        mine = session.get_one(Hold, hold.id)
        due = quote(session, mine).quote
        free = type(due)(due.lines, type(due.postage)(due.postage.rate_id, "Letter", "DE", Money(0, "EUR")))
        order_id = settle_free(session, mine, free, BERLIN, NOW)
    letter = write(db, "mail.confirmed", order=order_id)
    assert letter is not None
    assert "Order 00001 is confirmed." in letter.text
    assert "is paid" not in letter.text


@pytest.mark.parametrize(("carrier", "link"), [("DHL", True), ("The ferryman", False), ("", False)])
def test_shipped(db: Database, carrier: str, link: bool) -> None:
    order_id = placed(db)
    with transaction(db) as session:
        shipment = shipping.ship(session, order_id, carrier, "0034", NOW, SAM)
    letter = write(db, SHIPPED, shipment=shipment.id)
    assert letter is not None
    assert letter.key == f"mail.shipped.{shipment.id}"
    assert letter.subject == "On its way: № 001/100, Night Bus"
    assert f"with {carrier or 'the post'}." in letter.text
    assert "Tracking number: 0034" in letter.text
    assert ("dhl.com" in letter.html) is link
    assert "/orders/" in letter.html


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("late", "The last copy went while your bank was asking."),
        ("duplicate", "the first one counts"),
        ("mismatch", "was not the amount we had asked for"),
    ],
)
def test_not_charged(db: Database, reason: str, says: str) -> None:
    drop_id, run_id = open_drop(db)
    hold = take_with_details(db, drop_id, {run_id: 1})
    with transaction(db) as session:
        mine = session.get_one(Hold, hold.id)
        due = quote(session, mine).quote
        attempt = attempts.want(session, mine.id, due.as_json(), due.total, NOW)
        settle(session, attempt.id, facts_of(attempt, amount=1), NOW)
        payment = session.query(Payment).one()
        follow(session, payment, "canceled", NOW)
        payment.void_reason = reason
    letter = write(db, "mail.not_charged", payment=1)
    assert letter is not None
    assert (letter.to, letter.subject) == (ADA.email, "You were not charged")
    for half in (letter.text, letter.html):
        assert says in half
        assert f"{URL}/drops/drop-1" in half
    assert attempt.state is AttemptState.COMPLETE


def test_the_link_of_an_order(db: Database) -> None:
    order_id = placed(db)
    letter = write(db, "mail.link", orders=[order_id], asked="20261127190000")
    assert letter is not None
    assert (letter.subject, letter.key) == ("Your order", "mail.link.1.20261127190000")
    assert f"{URL}/orders/{TOKENS.make('order', order_id, 1)}" in letter.text
    assert "27 November 2026" in letter.html


def test_the_link_of_an_order_of_two_runs_of_one_release(db: Database) -> None:
    drop_id, [first] = _drop_of(db, (100,))
    with transaction(db) as session:
        zine = make_run(session, session.get_one(Run, first).release, size=40)
        zine.format = Format.ZINE
        drop = session.get_one(Drop, drop_id)
        drop.entries.append(DropRun(run_id=zine.id, position=2))
        second = zine.id
    order = paid_order(db, drop_id, {first: 1, second: 2})
    letter = write(db, "mail.link", orders=[order.id])
    assert letter is not None
    assert "TAPE-001 cassette № 001 · TAPE-001 zine № 01, 02</p>" in letter.html
    assert "Night Bus · Order 00001" in letter.html  # its title once
    for title in ("100 numbered, clear shell), № 001/100", "40 numbered, clear shell), № 01, 02/40"):
        assert title in letter.text


def test_links_never_go_to_an_address_that_was_corrected_away(db: Database) -> None:
    first = placed(db)
    with transaction(db) as session:
        order = session.get_one(Order, first)
        order.email = "ada@right.example.org"
    letter = write(db, "mail.link", orders=[first])
    assert letter is not None
    assert letter.to == "ada@right.example.org"


def test_reminders(db: Database) -> None:
    drop_id, _ = open_drop(db)
    with transaction(db) as session:
        drop = session.get_one(Drop, drop_id)
        drop.opens_at = NOW + timedelta(hours=1)
        reminders.ask(session, drop, ADA.email, ADA.email, NOW)
    link = f"{URL}/reminders/{TOKENS.make('reminder', 1, 1)}"
    asked = write(db, "mail.confirm_address", reminder=1)
    assert asked is not None
    assert asked.subject == "Shall we remind you of Drop 1?"
    assert link in asked.text
    assert link in asked.html
    with transaction(db) as session:
        session.get_one(Reminder, 1).confirmed_at = NOW
    assert write(db, "mail.confirm_address", reminder=1) is None
    reminder = write(db, "mail.reminder", reminder=1)
    assert reminder is not None
    assert reminder.subject == "Drop 1 opens Friday 27 November, 21:00 in Berlin"
    assert f"{URL}/drops/drop-1" in reminder.text
    assert link in reminder.text


def test_the_strip_of_a_letter() -> None:
    each = Yours(
        1,
        "run",
        "TAPE-001",
        "t",
        None,
        "r",
        "w",
        "a",
        "c",
        "#000000",
        "#000000",
        101,
        130,
        "s" * 10 + "h" * 5 + "w" + "a" * 14,
        (103, 104),
    )  # type: ignore[arg-type]  # the format is not looked at
    assert [len(row) for row in strip_rows(each)] == [25, 5]
    assert strip_lines(each) == ["██◆◆██████▒▒▒▒▒_·········", "·····"]
    assert counted(each) == "14 free · 5 held · 10 sold · 1 withdrawn of 30"
    big = Yours(1, "run", "TAPE-001", "t", None, "r", "w", "a", "c", "#0", "#0", 1, 400, "a" * 400, (1,))  # type: ignore[arg-type]
    assert strip_rows(big) == []


def test_small_words() -> None:
    assert ink("#12aB9f") == "#12aB9f"
    assert ink("oklch(0.62 0.21 32)") == "#d03106"
    assert ink("#fff;background:url(//evil)") == "#d03106"


def test_what_is_sent_in_place_of_another(db: Database) -> None:
    """One letter, in place of a confirmation: what happened, what goes out, and where to; nothing about a price."""
    order_id = placed(db)
    with transaction(db) as session:
        shipping.ship(session, order_id, "DHL", "0034", NOW, SAM)
    with transaction(db) as session:
        said = Answers({1: Answer(Trouble.CAME_BACK, Again.SAME)})
        payment = session.scalars(select(Payment)).one()
        looked = mishaps.seen(session, session.get_one(Order, order_id), payment)
        again = mishaps.answer(session, order_id, said, looked, desk(), NOW).again_order_id
    letter = write(db, "mail.confirmed", order=again)
    assert letter is not None
    assert (letter.key, letter.to) == (f"mail.confirmed.{again}", "ada@example.org")
    assert letter.subject == "Your parcel came back to us: № 001/100 goes out again"
    assert "Your parcel with № 001/100 came back to us; it goes out again: № 001/100." in letter.text
    assert "in place of order 00001" in letter.text
    assert "Prüfweg 1" in letter.text
    assert "€" not in letter.text
    assert "came back to us" in letter.html
