"""The delivery at the desk: said, looked at, agreed to; answers noted for fans; the next issue; more than were made."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.accounts.roles import Role
from app.catalogue.models import Run
from app.inventory import counting, counts
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from tests import short
from tests.builders import make_drop, paid_order
from tests.cast import ADA, BEN, NOW, SAM
from tests.databases import states_of
from tests.short import said
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, words

ABOUT = {"unanswered": "refund", "days": "14", "promise": "in March.", "words": "the plant says so", "reserve": "1"}


@pytest.fixture
def orders(db: Database, shelf: Shelf) -> list[Order]:
    """Ada's order of 1 and 2, and Ben's of 3, of ten."""
    return [paid_order(db, shelf.drop, {shelf.run: 2}), paid_order(db, shelf.drop, {shelf.run: 1}, BEN)]


def _path(shelf: Shelf, what: str = "delivery") -> str:
    return f"/staff/runs/{shelf.run}/{what}"


def _again(page: str) -> dict[str, str]:
    """The hidden fields of the second look."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    found.pop("csrf_token")
    return found


def _deeds(db: Database) -> list[tuple[str, dict[str, object]]]:
    with reading(db) as session:
        return [(each.deed, each.detail) for each in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@pytest.mark.usefixtures("orders")
def test_it_is_looked_at_before_anything_moves(db: Database, shelf: Shelf, owner: Seat) -> None:
    assert "Nothing is missing." in owner.get(_path(shelf)).text
    looked = owner.post(_path(shelf), {**ABOUT, "missing": "2, 9-10"})
    text = words(looked)
    assert looked.status_code == 200
    for part in ("3 copies did not come", "7 of 10", "№ 9–10: off sale", "Ada Lovelace", "in March.", "money goes back"):
        assert part in text, part
    assert (short.states(db), states_of(db)[8]) == ({}, "available")
    done = owner.post(_path(shelf), _again(looked.text))
    assert done.status_code == 303, words(done)
    assert (short.states(db), states_of(db)[8:]) == ({2: "offered"}, ["withdrawn", "withdrawn"])
    page = words(owner.get(_path(shelf)))
    for part in ("№ 02/10", "asked, no answer yet", "7 of 10 came", "the plant says so"):
        assert part in page, part
    assert _deeds(db)[-1] == ("run.delivered", {"copies": 7, "missing": 3, "reason": "the plant says so"})


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "either how many came, or which numbers"),
        ({"came": "3", "missing": "4"}, "either how many came, or which numbers"),
        ({"missing": "4-x"}, "“4-x” is no number"),
        ({"came": "10"}, "should have come"),
        ({"missing": "4", "unanswered": "shrug"}, "choose one of the list"),
        ({"missing": "4", "days": "0"}, "from 1 to 90"),
    ],
)
def test_what_makes_no_sense_is_said(db: Database, shelf: Shelf, owner: Seat, form: dict[str, str], sentence: str) -> None:
    answer = owner.post(_path(shelf), {**ABOUT, **form})
    assert (answer.status_code, sentence in words(answer)) == (422, True), words(answer)
    assert short.rows(db) == []


@pytest.mark.usefixtures("orders")
def test_what_changed_since_is_said_and_nothing_moves(db: Database, shelf: Shelf, owner: Seat) -> None:
    looked = owner.post(_path(shelf), {**ABOUT, "came": "2"})
    paid_order(db, shelf.drop, {shelf.run: 1}, BEN)
    late = owner.post(_path(shelf), _again(looked.text))
    assert (late.status_code, "Something moved since you looked" in words(late)) == (409, True)
    assert short.rows(db) == []


@pytest.mark.usefixtures("orders")
def test_a_number_that_cannot_be_missing_is_shown_without_a_button(shelf: Shelf, owner: Seat) -> None:
    looked = words(owner.post(_path(shelf), {**ABOUT, "missing": "11"}))
    assert "should not be here" in looked
    assert "So it is" not in looked


def test_an_open_count_fills_in_what_it_has_not_seen(db: Database, shelf: Shelf, owner: Seat) -> None:
    with transaction(db) as session:
        count = counting.open_count(session, shelf.run, NOW, SAM)
        for copy in (1, 2, 3, 4, 7, 8, 9, 10):
            counting.scan(session, count.id, copy, NOW, SAM)
    assert ">\n5–6</textarea>" in owner.get(_path(shelf)).text
    looked = owner.post(_path(shelf), {**ABOUT, "missing": "5–6"})
    assert "№ 5–6: off sale" in words(looked)


def test_staff_answer_for_a_fan_and_say_how_they_know(db: Database, shelf: Shelf, owner: Seat, orders: list[Order]) -> None:
    short.deliver(db, shelf.run, said(2, 3))
    path = "/staff/shortfalls/1/answer"
    assert owner.post(path, {"say": "wait"}).status_code == 422
    assert owner.post(path, {"say": "wait", "note": "telephone"}).status_code == 303
    assert "Owner, 27 Nov 20:00: “telephone”" in words(owner.get(_path(shelf)))
    assert owner.post("/staff/shortfalls/2/answer", {"say": "other", "note": "letter"}).status_code == 303
    assert short.states(db) == {2: "waits", 3: "exchanged"}
    assert owner.post("/staff/shortfalls/2/answer", {"say": "refund", "note": "letter"}).status_code == 409
    assert owner.post(path, {"say": "came", "note": "behind the door"}).status_code == 303
    assert short.states(db)[2] == "came"
    said_so = {"number": orders[0].reference, "missing": 1, "answer": "came", "reason": "behind the door"}
    assert _deeds(db)[-1] == ("order.short_answered", said_so)
    assert "behind the door" in words(owner.get(f"/staff/orders/{orders[0].id}"))


def test_the_order_waits_and_is_not_among_those_to_pack(db: Database, shelf: Shelf, owner: Seat, orders: list[Order]) -> None:
    short.deliver(db, shelf.run, said(2))
    waits, goes = orders
    packing = owner.get("/staff/packing").text
    assert f"/staff/orders/{waits.id}" not in packing
    assert f"/staff/orders/{goes.id}" in packing
    assert "№ 00001" in owner.get("/staff/orders?stage=waiting").text
    page = words(owner.get(f"/staff/orders/{waits.id}"))
    assert "waiting for the plant" in page
    assert "№ 02/10 did not come from the plant" in page
    assert owner.post(f"/staff/orders/{waits.id}/pack").status_code == 409
    assert owner.get(f"/staff/packing/slips.pdf?order={waits.id}").status_code == 409
    assert owner.post(f"/staff/orders/{waits.id}/ship", {"carrier": "DHL", "tracking": ""}).status_code == 409


def test_the_next_issue_is_looked_at_and_then_theirs(db: Database, shelf: Shelf, owner: Seat, orders: list[Order]) -> None:
    short.deliver(db, shelf.run, said(1, 3))
    short.answer(db, 1, short.Answer.WAIT)
    looked = owner.post(_path(shelf, "next-issue"), {"next_came": "2"})
    text = words(looked)
    for part in ("1 copy goes to who waited", "1 copy goes to the reserve", "One fan has not answered yet"):
        assert part in text, part
    assert owner.post(_path(shelf, "next-issue"), _again(looked.text)).status_code == 303
    assert short.numbers_of(db, [orders[0].id]) == [[(1, 1), (2, 0)]]
    with reading(db) as session:
        assert counts.reserve(session, shelf.run) == 1
    assert owner.post(_path(shelf, "next-issue"), _again(looked.text)).status_code == 409
    assert _deeds(db)[-1] == ("run.next_issue_came", {"copies": 2, "served": 1, "reserve": 1})


def test_more_to_sell_says_what_was_promised_and_is_done_once(db: Database, shelf: Shelf, owner: Seat) -> None:
    path = _path(shelf, "surplus")
    assert owner.post(path, {"more": "3"}).status_code == 422, "without a reason"
    looked = owner.post(path, {"more": "3", "reason": "the plant pressed over"})
    for part in ("You promised 10.", "№ 11 to 13 come to be", "the plant pressed over"):
        assert part in words(looked), part
    assert len(states_of(db)) == 10
    assert owner.post(path, _again(looked.text)).status_code == 303
    assert states_of(db) == ["available"] * 13
    with reading(db) as session:
        assert session.get_one(Run, shelf.run).edition_size == 13
    assert owner.post(path, _again(looked.text)).status_code == 409, "the same form once more"
    assert len(states_of(db)) == 13


def test_the_edition_stays_as_it_is_in_the_last_hour(db: Database, shelf: Shelf, owner: Seat) -> None:
    with transaction(db) as session:
        run = session.get_one(Run, shelf.run)
        make_drop(session, [run], opens_at=NOW + timedelta(minutes=30))
    again = {"more": "1", "reason": "over", "shown": "10"}
    assert owner.post(_path(shelf, "surplus"), again).status_code == 409
    assert len(states_of(db)) == 10


def test_a_manager_does_not_break_the_promise(shelf: Shelf, seat_of: Callable[[Role], Seat]) -> None:
    manager = seat_of(Role.MANAGER)
    assert manager.post(_path(shelf, "surplus"), {"more": "1", "reason": "over"}).status_code == 403
    assert "is the owner’s to decide" in manager.get(_path(shelf)).text


def test_a_packer_reads_and_has_no_forms(db: Database, shelf: Shelf, seat_of: Callable[[Role], Seat], orders: list[Order]) -> None:
    short.deliver(db, shelf.run, said(2))
    page = seat_of(Role.PACKER).get(_path(shelf)).text
    assert "asked, no answer yet" in page
    assert 'class="form"' not in page
    assert ADA.name in page
    assert orders
