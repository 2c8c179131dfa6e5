"""A pre-order at the desk: said, looked at before it is mailed, taken back, and its parcels locked."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import AuditEntry
from app.accounts.roles import Role
from app.catalogue.making import Making, MakingChange, Step
from app.catalogue.making_changes import TELL
from app.fulfilment.models import Parcel
from app.kernel.db import Database, reading
from app.kernel.outbox import Job, JobState
from tests.builders import paid_order
from tests.cast import ADA, BEN, StoppedClock
from tests.preordering import say, slip_and_take
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, words

FORM = {"step": "test_press", "promised_on": "2027-06-12", "by_month": "1", "note": "The plant lost the lacquer.", "weeks": "8"}


@pytest.fixture
def at(db: Database, clock: StoppedClock, shelf: Shelf) -> str:
    """The page of a pre-order that two fans wait for, promised for March 2027; its address."""
    say(db, clock, shelf.run)
    clock.forward(minutes=1)
    for fan in (ADA, BEN):
        paid_order(db, shelf.drop, {shelf.run: 1}, fan, now=clock.now())
    clock.forward(minutes=1)
    return f"/staff/runs/{shelf.run}/making"


def _count(db: Database, *what: object) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count()).where(*what)) or 0  # type: ignore[arg-type]  # conditions


def test_the_mail_is_shown_before_anything_is_said(db: Database, shelf: Shelf, at: str, manager: Seat) -> None:
    seen = manager.post(f"{at}/check", FORM)
    shown = words(seen)
    for sentence in (
        "2 fans get one mail each, ten minutes after you say it",
        "2 orders slip by more than 8 weeks.",
        "Night Bus: promised to leave in June 2027",
        "“The plant lost the lacquer.”",
        "you may cancel",
    ):
        assert sentence in shown, sentence
    assert _count(db, MakingChange.run_id == shelf.run) == 1
    hidden = dict(re.findall(r'type="hidden" name="(step|promised_on|by_month|note|weeks)" value="([^"]*)"', seen.text))
    assert hidden == FORM


def test_it_is_said_shown_and_mailed_in_ten_minutes(
    db: Database, shelf: Shelf, at: str, manager: Seat, clock: StoppedClock
) -> None:
    assert manager.post(f"{at}/change", FORM).status_code == 303
    with reading(db) as session:
        making = session.get_one(Making, shelf.run)
        [job] = session.scalars(select(Job).where(Job.kind == TELL, Job.state == JobState.WAITING))
        [deed] = session.scalars(select(AuditEntry).where(AuditEntry.deed == "run.making_said"))
    assert (making.step, making.promise.words) == (Step.TEST_PRESS, "June 2027")
    assert deed.detail == {"step": "test_press", "promise": "June 2027", "weeks": 8}
    page = words(manager.get(at))
    assert "2 fans are written to at" in page
    assert "“The plant lost the lacquer.”" in page
    assert job.run_at - clock.now() <= timedelta(minutes=10)
    assert "pre-order: test press" in words(manager.get(f"/staff/runs/{shelf.run}"))
    assert "pre-order: test press" in words(manager.get(f"/staff/releases/{shelf.release}"))


def test_a_mistake_is_taken_back_while_nobody_was_told(db: Database, shelf: Shelf, at: str, manager: Seat) -> None:
    with reading(db) as session:
        first = session.scalars(select(MakingChange.id)).one()
    _told(db, shelf.run, first)
    manager.post(f"{at}/change", FORM)
    assert "It was a mistake, take it back" in words(manager.get(at))
    assert manager.post(f"{at}/take-back").status_code == 303
    page = words(manager.get(at))
    assert "What was said before was a mistake." in page
    assert "are written to at" not in page
    assert manager.post(f"{at}/take-back").status_code == 409


def _told(db: Database, run_id: int, change_id: int) -> None:
    """As if the first mail had left."""
    with db.engine.begin() as connection:
        connection.execute(update(Making).where(Making.run_id == run_id).values(told_id=change_id))
        connection.execute(update(Job).where(Job.kind == TELL).values(state=JobState.DONE))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"promised_on": ""}, "Please fill this in."),
        ({"promised_on": "next spring"}, "at most"),
        ({"promised_on": "2027-13-01"}, "A day, as 2027-03-12."),
        ({"weeks": "0"}, "A whole number from 1 to 104."),
        ({"step": "lost"}, "Please choose one of the list."),
        ({"note": "x" * 601}, "At most 600 characters."),
    ],
)
def test_a_wrong_form_comes_back_as_typed(
    db: Database, shelf: Shelf, at: str, manager: Seat, wrong: dict[str, str], said: str
) -> None:
    for way in ("check", "change"):
        answer = manager.post(f"{at}/{way}", FORM | wrong)
        assert (answer.status_code, said.lower() in words(answer).lower()) == (422, True), way
    assert _count(db, MakingChange.run_id == shelf.run) == 1


def test_saying_nothing_new_is_refused(at: str, manager: Seat) -> None:
    same = {"step": "files_in", "promised_on": "2027-03-31", "by_month": "1", "note": "", "weeks": "8"}
    assert manager.post(f"{at}/change", same).status_code == 409
    assert manager.post(f"{at}/change", same | {"weeks": "4"}).status_code == 303


def test_a_run_becomes_a_preorder_with_the_first_word(db: Database, shelf: Shelf, manager: Seat) -> None:
    at = f"/staff/runs/{shelf.planned}/making"
    assert "This run is no pre-order." in words(manager.get(at))
    assert manager.get(f"{at}/addresses").status_code == 409
    assert "Nobody waits for it yet" in words(manager.post(f"{at}/check", FORM))
    assert manager.post(f"{at}/change", FORM).status_code == 303
    assert "promised to leave in June 2027" in words(manager.get(f"/staff/runs/{shelf.planned}"))
    assert manager.post(f"/staff/runs/{shelf.planned}/remove").status_code == 303  # never pressed, so its making goes with it
    assert _count(db, MakingChange.run_id == shelf.planned) == 0


def test_an_order_that_waits_stands_apart(db: Database, shelf: Shelf, at: str, manager: Seat) -> None:
    assert "2 orders wait for runs that are not here yet" in words(manager.get("/staff/packing"))
    assert "waiting for the plant" in words(manager.get("/staff/orders?stage=waiting"))
    page = words(manager.get("/staff/orders/1"))
    assert "Waits for Night Bus" in page
    assert "It is at the plant: files in." in page
    refused = manager.post("/staff/orders/1/pack")
    assert (refused.status_code, "waits for TAPE-001" in words(refused)) == (409, True)
    assert manager.get("/staff/packing/slips.pdf?order=1").status_code == 409
    assert "waits for TAPE-001" in words(manager.post("/staff/packing/scan", {"code": "http://localhost/staff/orders/1"}))


def test_other_weeks_alone_are_told_to_nobody(db: Database, at: str, manager: Seat) -> None:
    same = {"step": "files_in", "promised_on": "2027-03-31", "by_month": "1", "note": "", "weeks": "0"}
    with reading(db) as session:
        making = session.scalars(select(Making)).one()
        same |= {"step": making.step.value, "promised_on": f"{making.promised_on}", "weeks": str(making.weeks - 1)}
    shown = words(manager.post(f"{at}/check", same))
    assert "Only the weeks change: nobody is written to." in shown
    assert "free of charge" not in shown


def test_the_desk_says_who_may_cancel_and_who_did(db: Database, shelf: Shelf, at: str, manager: Seat, clock: StoppedClock) -> None:
    slip_and_take(db, clock, shelf.run, taken=1)
    page = words(manager.get(at))
    assert page.count("may cancel") >= 1
    assert "the fan cancelled" in page
    assert "The fan may cancel Night Bus free of charge." in words(manager.get("/staff/orders/2"))
    assert "The fan cancelled Night Bus." in words(manager.get("/staff/orders/1"))


def test_addresses_are_asked_for_and_parcels_locked(db: Database, shelf: Shelf, at: str, manager: Seat) -> None:
    page = words(manager.get(f"{at}/addresses"))
    assert "2 fans wait with parcels that are open." in page
    assert "Is this still where you live?" in page
    assert manager.post(f"{at}/addresses", {"lock_on": "2020-01-01"}).status_code == 422
    assert manager.post(f"{at}/addresses", {"lock_on": "2026-12-04"}).status_code == 303
    assert "2026-12-04" in words(manager.get(at))
    assert "Lock 2 parcels for packing?" in words(manager.get(f"{at}/lock"))
    assert manager.post(f"{at}/lock").status_code == 303
    with reading(db) as session:
        assert [state.value for state in session.scalars(select(Parcel.state))] == ["locked", "locked"]
    assert manager.get(f"{at}/lock").status_code == 409


def test_a_packer_sees_orders_wait_and_says_nothing(at: str, seat_of: Callable[[Role], Seat]) -> None:
    packer = seat_of(Role.PACKER)
    assert packer.get(at).status_code == 403
    assert packer.post(f"{at}/change", FORM).status_code == 403
    assert "orders wait for runs that are not here yet" in words(packer.get("/staff/packing"))


def test_notes_are_escaped(at: str, manager: Seat) -> None:
    manager.post(f"{at}/change", FORM | {"note": "<b>bold</b>"})
    assert "&lt;b&gt;bold&lt;/b&gt;" in manager.get(at).text


def test_the_parcels_of_no_preorder_are_not_locked_so(db: Database, shelf: Shelf, manager: Seat) -> None:
    assert manager.post(f"/staff/runs/{shelf.run}/making/lock").status_code == 409
