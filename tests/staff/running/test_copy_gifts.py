"""Giving a copy away and setting it aside at the desk."""

import pytest
from sqlalchemy import delete, select, update

from app.fulfilment.models import PostageRate
from app.inventory.models import Copy, Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from tests.builders import take_some
from tests.cast import ADA
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds

MIRA = {
    "name": "Mira Vale", "line1": "Karl-Marx-Straße 1", "line2": "", "postal_code": "12043", "city": "Berlin", "region": "",
    "country": "DE", "email": "mira@example.org", "reason": "she made it",
}  # fmt: skip
ASIDE = {"for_whom": "Mira Vale", "reason": "she made it", "until": "2026-11-29T18:00"}


def states(db: Database) -> list[str]:
    with reading(db) as session:
        return [state.value for state in session.scalars(select(Copy.state).order_by(Copy.number).limit(3))]


def test_a_copy_is_given_and_packed(db: Database, shop: Shop, manager: Desk, packer: Desk) -> None:
    assert "Give it to somebody" in manager.get("/staff/copies/2").text
    assert "Give it to somebody" not in packer.get("/staff/copies/2").text
    given = manager.post("/staff/copies/2/give", **MIRA)
    assert given.headers["Location"] == "/staff/orders/1"
    assert states(db) == ["available", "allocated", "available"]
    page = packer.get("/staff/orders/1").text
    assert "nothing was due" in page
    assert "given away" in page
    assert "copy set aside" in page
    assert "copies held" not in page
    assert packer.post("/staff/orders/1/pack").status_code == 303
    assert [(entry.detail["reason"], entry.staff_id) for entry in deeds(db, "copy.given")] == [("she made it", manager.staff_id)]
    assert "Mira" not in str([entry.detail for entry in deeds(db, "order.given")])


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"line1": ""}, {"postal_code": "1"}, {"country": "XX"}, {"reason": " "}, {"email": "x"}]
)
def test_what_is_missing_is_said_beside_it(db: Database, shop: Shop, manager: Desk, wrong: dict[str, str]) -> None:
    answer = manager.post("/staff/copies/2/give", **{**MIRA, **wrong})
    assert answer.status_code == 422
    assert f'id="e-{next(iter(wrong))}"' in answer.text
    assert states(db)[1] == "available"
    with reading(db) as session:
        assert session.scalars(select(Hold.id)).all() == []


def test_without_an_address_no_history_says_that_mail_was_sent(db: Database, shop: Shop, manager: Desk) -> None:
    manager.post("/staff/copies/2/give", **{**MIRA, "email": ""})
    with transaction(db) as session:
        session.execute(update(Job).values(state=JobState.DONE, finished_at=Job.created_at))
    assert "confirmation sent" not in manager.get("/staff/orders/1").text
    assert "We mailed" not in manager.get("/staff/fans/1").text


def test_where_nothing_can_be_posted(db: Database, shop: Shop, manager: Desk) -> None:
    with transaction(db) as session:
        session.execute(delete(PostageRate))
    answer = manager.post("/staff/copies/2/give", **MIRA)
    assert (answer.status_code, "does not post there" in answer.text) == (422, True)
    assert states(db)[1] == "available"


def test_set_aside_shown_and_given(db: Database, shop: Shop, manager: Desk) -> None:
    assert manager.post("/staff/copies/2/aside", **ASIDE).headers["Location"] == "/staff/copies/2"
    page = manager.get("/staff/copies/2").text
    assert "for Mira Vale, until 29 Nov 18:00" in page
    assert "set aside for Mira Vale until 29 Nov 18:00" in manager.get(f"/staff/runs/{shop.run_id}/stock").text
    day = manager.get(f"/staff/drops/{shop.drop_id}/day").text
    assert "Mira Vale" in day.split("Set aside by the label", 1)[1]
    assert "Nobody holds a copy now." in day
    assert 'value="Mira Vale"' in manager.get("/staff/copies/2/give").text
    assert manager.post("/staff/copies/2/give", **MIRA).headers["Location"] == "/staff/orders/1"
    with reading(db) as session:
        assert session.scalars(select(Order.hold_id)).all() == session.scalars(select(Hold.id)).all()
    assert "We set TAPE-001 № 02 aside for you." in manager.get("/staff/fans/1").text


def test_set_aside_and_put_back(db: Database, shop: Shop, manager: Desk) -> None:
    manager.post("/staff/copies/2/aside", **ASIDE)
    assert states(db)[1] == "held"
    assert manager.post("/staff/copies/2/aside/end").status_code == 303
    assert states(db)[1] == "available"
    assert manager.post("/staff/copies/2/aside/end").status_code == 409
    assert [entry.deed for kind in ("copy.set_aside", "copy.aside_ended") for entry in deeds(db, kind)] == [
        "copy.set_aside",
        "copy.aside_ended",
    ]


@pytest.mark.parametrize("wrong", [{"for_whom": ""}, {"reason": ""}, {"until": "2026-11-27T20:00"}, {"until": "soon"}])
def test_an_aside_has_a_name_a_reason_and_a_time(db: Database, shop: Shop, manager: Desk, wrong: dict[str, str]) -> None:
    answer = manager.post("/staff/copies/2/aside", **{**ASIDE, **wrong})
    assert (answer.status_code, f'id="e-{next(iter(wrong))}"' in answer.text) == (422, True)
    assert states(db)[1] == "available"


def test_a_fan_was_faster(db: Database, shop: Shop, manager: Desk) -> None:
    take_some(db, shop.drop_id, {shop.run_id: 2}, ADA)
    for path, form in (("aside", ASIDE), ("give", MIRA)):
        answer = manager.post(f"/staff/copies/2/{path}", **form)
        assert (answer.status_code, "somebody else has just taken it" in answer.text) == (409, True)
    assert manager.post("/staff/copies/2/aside/end").status_code == 409
    assert states(db)[1] == "held"
