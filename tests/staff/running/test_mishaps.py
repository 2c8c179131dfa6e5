"""The desk's page about a parcel that has left: three questions, one deed."""

import re

import pytest
from flask import Flask

from app.catalogue.models import Run
from app.fulfilment import shipping
from app.fulfilment.models import Mishap
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from tests.builders import make_drop, make_run, paid_order
from tests.cast import BEN, NOW, SAM
from tests.databases import states_of
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds

AT = "/staff/orders/1/came-back"
UNTOUCHED = {"what-1": "", "again-1": "nothing", "what-2": "", "again-2": "nothing", "amount": "", "words": ""}
LOOKED = {"left": "4995", "mishaps": "0", "reason": "the address was wrong"}


@pytest.fixture
def sent(db: Database, shop: Shop) -> Shop:
    """Ada's order 1 with copies 1 and 2 has left: €49.95."""
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    with transaction(db) as session:
        shipping.ship(session, 1, "DHL", "0034", NOW, SAM)
    return shop


def _words(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def test_the_order_leads_to_the_questions(manager: Desk, sent: Shop) -> None:
    assert AT in manager.get("/staff/orders/1").text
    page = manager.get(AT)
    assert (page.status_code, "there are 0 in reserve and 8 free." in page.text) == (200, True)
    assert 'name="left" value="4995"' in page.text


def test_only_what_is_with_the_fan_is_counted_first_things_first(db: Database, manager: Desk, sent: Shop) -> None:
    with transaction(db) as session:
        run = session.get_one(Run, sent.run_id)
        sibling = make_run(session, run.release, size=5)
        ids = make_drop(session, [sibling, run]).id, sibling.id
    paid_order(db, ids[0], {ids[1]: 1, sent.run_id: 1}, BEN)
    with transaction(db) as session:
        shipping.ship(session, 2, "DHL", "0035", NOW, SAM)
    spares = re.compile(r"there are \d+ in reserve and (\d+) free")
    assert spares.findall(manager.get(AT).text) == ["7"]
    assert spares.findall(manager.get("/staff/orders/2/came-back").text) == ["7", "4"]


def test_a_parcel_that_came_back_goes_out_again(app: Flask, db: Database, manager: Desk, sent: Shop) -> None:
    said = {**UNTOUCHED, **LOOKED, "what-1": "came_back", "again-1": "same"}
    answer = manager.post(AT, **said)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/orders/2")
    [deed] = deeds(db, "order.mishaps")
    assert deed.detail == {"number": "00001", "copies": 1, "again": 2, "reason": "the address was wrong"}
    new, old = _words(manager.get("/staff/orders/2").text), _words(manager.get("/staff/orders/1").text)
    assert "Sent in place of № 01/10." in new
    assert "order № 00001" in new
    assert "№ 01/10 came back." in old
    assert "Order № 00002 sends it again." in old
    assert "Packed" in new
    history = [_words(line) for line in re.findall(r'<li class="history-entry.*?</li>', manager.get("/staff/orders/2").text)]
    assert [line[-5:] for line in history if "copies taken to be sent in place of others" in line] == ["Sam 0"]
    assert not [line for line in history if line.endswith("the fan")]
    with reading(db) as session:
        assert session.get_one(Order, 2).total_amount == 0


def test_refused_answers_stand_beside_their_fields(db: Database, manager: Desk, sent: Shop) -> None:
    refused = manager.post(AT, **{**UNTOUCHED, **LOOKED, "what-1": "lost", "again-1": "same", "words": "gone"})
    assert (refused.status_code, "Only a copy that came back whole can be posted again." in refused.text) == (422, True)
    assert 'value="gone"' in refused.text
    nothing = manager.post(AT, **{**UNTOUCHED, **LOOKED})
    assert (nothing.status_code, states_of(db)[:2]) == (422, ["shipped", "shipped"])


def test_what_changed_meanwhile_is_looked_at_first(db: Database, manager: Desk, sent: Shop) -> None:
    said = {**UNTOUCHED, **LOOKED, "what-1": "lost", "again-1": "other"}
    assert manager.post(AT, **said).status_code == 303
    again = manager.post(AT, **{**said, "what-1": "", "again-1": "nothing", "what-2": "lost", "again-2": "other"})
    assert again.status_code == 409
    with reading(db) as session:
        assert session.query(Mishap).count() == 1
    refund = {"what": "amount", "amount": "5", "reason": "sorry", "sent": "1", "mishaps": "0"}
    assert manager.post("/staff/orders/1/refund/check", **refund).status_code == 409


def test_a_parcel_that_is_here_has_no_such_page(db: Database, manager: Desk, shop: Shop) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    assert manager.get(AT).status_code == 409
    assert AT not in manager.get("/staff/orders/1").text
