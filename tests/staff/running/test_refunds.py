"""The desk's pages about money that goes back: the form, the sum before the deed, the second person, what fell through."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.test import TestResponse

from app.accounts import passwords
from app.accounts.models import Staff
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.checkout.parts import Plan
from app.fulfilment import shipping
from app.kernel import heartbeat
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order, OrderState
from app.payments.models import Refund
from app.payments.states import DisputeState, RefundState
from tests.builders import disputed, give_back, paid_order, refunded_elsewhere
from tests.cast import BEN, NOW, SAM, StoppedClock
from tests.databases import states_of
from tests.giving import copies_of
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds, sit_down

WHOLE = {"what": "whole", "fate-1": "put_back", "fate-2": "put_back", "reason": "the press broke", "sent": "0"}


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Ada's paid order 1 with copies 1 and 2: €49.95."""
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    with transaction(db) as session:
        heartbeat.beat(session, "worker", NOW)
    return shop


def _refunds(db: Database) -> list[Refund]:
    with reading(db) as session:
        return list(session.scalars(select(Refund).options(selectinload(Refund.parts)).order_by(Refund.id)))


def _order(db: Database) -> Order:
    with reading(db) as session:
        return session.get_one(Order, 1)


def _hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the page's form that does it, as a browser would send them."""
    [form] = [each for each in page.text.split("<form") if 'name="shown"' in each]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def seen_words(page: str) -> str:
    """What stands on a page, without its tags."""
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def _limit(db: Database, amount: int | None) -> None:
    with transaction(db) as session:
        session.get_one(Label, 1).refund_limit = amount


def test_the_sum_is_shown_before_the_deed(db: Database, sold: Shop, manager: Desk) -> None:
    form = manager.get("/staff/orders/1/refund")
    assert "€49.95 of €49.95 can be given back to Ada Lovelace." in form.text
    check = manager.post("/staff/orders/1/refund/check", **WHOLE)
    assert check.status_code == 200
    for words in (
        "Give €49.95 back?",
        "№ 01, 02",
        "2 copies go back on sale.",
        "The order is cancelled with it.",
        "the press broke",
    ):
        assert words in check.text, words
    assert (_refunds(db), _order(db).state) == ([], OrderState.PLACED)
    fields = _hidden(check)
    assert fields["shown"] == "4995"
    done = manager.client.post("/staff/orders/1/refund", data=fields)
    assert (done.status_code, done.headers["Location"]) == (303, "/staff/orders/1")
    [refund] = _refunds(db)
    assert (refund.state, refund.amount, refund.asked_by) == (RefundState.WANTED, 4995, manager.staff_id)
    assert (_order(db).state, states_of(db)[:2]) == (OrderState.CANCELLED, ["available", "available"])
    [deed] = deeds(db, "order.refund_asked")
    assert deed.detail == {"number": "00001", "refund": 1, "amount": 4995, "reason": "the press broke"}


def test_single_copies_the_postage_an_amount(db: Database, sold: Shop, manager: Desk) -> None:
    for fields, amount, parts in (
        ({"what": "parts", "copy-2": "1", "fate-2": "withdrawn", "words": "cracked"}, "2400", ["copy"]),
        ({"what": "parts", "with_postage": "1"}, "195", ["postage"]),
        ({"what": "amount", "amount": "3,50"}, "350", ["amount"]),
    ):
        check = manager.post("/staff/orders/1/refund/check", reason="so agreed", sent="0", **fields)
        assert _hidden(check)["shown"] == amount, fields
        assert manager.client.post("/staff/orders/1/refund", data=_hidden(check)).status_code == 303
        assert [part.kind for part in _refunds(db)[-1].parts] == parts
    assert states_of(db)[:2] == ["allocated", "withdrawn"]
    page = manager.get("/staff/orders/1").text
    assert "€20.50" in page  # what is left
    seen = seen_words(page)
    assert "№ 01, 02/10 €48.00" in seen
    went = "Mira Vale – Night Bus (10 numbered, clear shell), № 02 −€24.00 Given back Postage −€1.95 Given back An amount −€3.50"
    assert f"Total €49.95 Given back {went} Remains €20.50" in seen
    again = manager.get("/staff/orders/1/refund").text
    assert "The postage, €1.95, was given back already." in again


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"what": "parts"}, "Tick a copy or the postage."),
        ({"what": "amount", "amount": ""}, "Please fill this in."),
        ({"what": "amount", "amount": "1,000"}, "An amount in EUR"),
        ({"what": "amount", "amount": "50"}, "Only €49.95 of this order"),
        ({"what": "amount", "amount": "0"}, "comes to nothing"),
        ({**WHOLE, "fate-1": "withdrawn"}, "Say why the copies are withdrawn"),
        ({**WHOLE, "fate-1": "eaten"}, "Please choose one of the list."),
        ({**WHOLE, "reason": ""}, "Please fill this in."),
        ({**WHOLE, "what": "all of it"}, "Please choose one of the list."),
        ({**WHOLE, "sent": "1"}, "Look again, then say which copies came back."),
    ],
)
def test_what_cannot_be_is_said_on_the_form(db: Database, sold: Shop, manager: Desk, fields: dict[str, Any], says: str) -> None:
    for path in ("/staff/orders/1/refund/check", "/staff/orders/1/refund"):
        answer = manager.post(path, **{"reason": "so agreed", "sent": "0", "shown": "4995", "left": "4995", **fields})
        assert answer.status_code in {409, 422}, path
        assert says in answer.text, path
        assert "Look at the sum" in answer.text
    assert _refunds(db) == []


def test_the_same_form_sent_twice(db: Database, sold: Shop, manager: Desk) -> None:
    fields = _hidden(manager.post("/staff/orders/1/refund/check", what="amount", amount="2", reason="so agreed", sent="0"))
    assert manager.client.post("/staff/orders/1/refund", data=fields).status_code == 303
    again = manager.client.post("/staff/orders/1/refund", data=fields)
    assert again.status_code == 409
    assert "went back since you looked at it" in again.text
    assert [refund.amount for refund in _refunds(db)] == [200]


def test_another_sum_than_was_shown(db: Database, sold: Shop, manager: Desk) -> None:
    answer = manager.post("/staff/orders/1/refund", **WHOLE, shown="4994", left="4995")
    assert (answer.status_code, _refunds(db)) == (409, [])
    assert "not to what you were shown" in answer.text


def test_where_nothing_can_be_given_back(db: Database, sold: Shop, manager: Desk) -> None:
    give_back(db, 1, Plan(amount=4995))
    assert manager.get("/staff/orders/1/refund").status_code == 409
    assert "Give money back" not in manager.get("/staff/orders/1").text
    assert "refunded" in manager.get("/staff/orders").text


def test_cancelling(db: Database, sold: Shop, manager: Desk) -> None:
    page = manager.get("/staff/orders/1/cancel").text
    assert "Ada Lovelace gets €49.95 back" in page
    assert "Cancel and give €49.95 back" in page
    no = manager.post("/staff/orders/1/cancel", **{"fate-1": "put_back", "fate-2": "put_back"})
    assert (no.status_code, _order(db).state) == (422, OrderState.PLACED)
    answer = manager.post(
        "/staff/orders/1/cancel", **{"fate-1": "withdrawn", "fate-2": "put_back", "words": "torn", "reason": "no tape"}
    )
    assert answer.status_code == 303
    assert (_order(db).state, _order(db).cancel_reason, states_of(db)[:2]) == (
        OrderState.CANCELLED,
        "no tape",
        ["withdrawn", "available"],
    )
    assert [deed.detail for deed in deeds(db, "order.cancelled")] == [{"number": "00001", "reason": "no tape", "refund": 1}]
    assert manager.get("/staff/orders/1/cancel").status_code == 409
    page = manager.get("/staff/orders/1").text
    assert "no tape" in page
    assert "Packing slip" not in page
    assert "№ 01, 02/10 €48.00" in seen_words(page)
    assert "<b>01</b>, <b>02</b>" in manager.get("/staff/orders").text
    slip = manager.get("/staff/packing/slips.pdf", order=[1])
    assert (slip.status_code, "Order № 00001 was cancelled" in slip.text) == (409, True)


def test_a_cancellation_that_waits_is_no_deed_yet(db: Database, sold: Shop, manager: Desk) -> None:
    _limit(db, 1000)
    fields = {"fate-1": "put_back", "fate-2": "put_back", "reason": "no tape"}
    assert manager.post("/staff/orders/1/cancel", **fields).headers["Location"] == "/staff/refunds/1"
    assert (_order(db).state, deeds(db, "order.cancelled")) == (OrderState.PLACED, [])
    assert [deed.detail for deed in deeds(db, "order.cancel_proposed")] == [{"number": "00001", "reason": "no tape", "refund": 1}]


def test_a_packed_order_is_not_cancelled(db: Database, sold: Shop, manager: Desk) -> None:
    with transaction(db) as session:
        shipping.pack(session, 1, NOW)
    assert manager.get("/staff/orders/1/cancel").status_code == 409
    fields = {"fate-1": "put_back", "fate-2": "put_back", "reason": "no tape"}
    assert manager.post("/staff/orders/1/cancel", **fields).status_code == 409
    assert "Cancel it" not in manager.get("/staff/orders/1").text


def test_the_second_person(app: Flask, db: Database, sold: Shop, manager: Desk) -> None:
    _limit(db, 1000)
    check = manager.post("/staff/orders/1/refund/check", **WHOLE)
    assert "A second person has to say yes." in check.text
    done = manager.client.post("/staff/orders/1/refund", data=_hidden(check))
    assert done.headers["Location"] == "/staff/refunds/1"
    assert "Somebody else has to say yes." in manager.get("/staff/refunds/1").text
    assert manager.post("/staff/refunds/1/confirm").status_code == 422  # their own password is not there, and would not help
    assert (_refunds(db)[0].state, _order(db).state) == (RefundState.PROPOSED, OrderState.PLACED)
    other = sit_down(app, db, sold.label_id, Role.MANAGER)
    assert "waits for a second person" in other.get("/staff/").text
    packer = sit_down(app, db, sold.label_id, Role.PACKER).get("/staff/").text
    assert "waits for a second person" not in packer
    assert "refund asked for" in packer
    page = other.get("/staff/refunds/1").text
    assert "Give €49.95 back" in page
    assert "The order is cancelled with it." in page
    assert other.post("/staff/refunds/1/confirm").status_code == 303
    assert (_refunds(db)[0].confirmed_by, _order(db).state) == (other.staff_id, OrderState.CANCELLED)
    assert other.post("/staff/refunds/1/confirm").status_code == 409
    assert "waits for a second person" not in other.get("/staff/").text


def test_a_parcel_waits_for_the_second_person(app: Flask, db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    _limit(db, 0)
    manager.client.post("/staff/orders/1/refund", data=_hidden(manager.post("/staff/orders/1/refund/check", **WHOLE)))
    paid_order(db, sold.drop_id, {sold.run_id: 1}, BEN)
    listed = packer.get("/staff/packing", tick="all").text
    assert "a refund of this order waits for a second person" in listed
    assert re.findall(r'name="order" value="(\d)"[^>]*?(disabled|checked)', listed) == [("1", "disabled"), ("2", "checked")]
    assert re.findall(r'pick-no">(\d+)<', listed) == ["03"]
    page = packer.get("/staff/orders/1").text
    assert "A refund of this order waits for a second person." in page
    assert "Ask a manager or an owner of the label." in page
    for gone in ("/staff/orders/1/pack", "/staff/orders/1/ship", "slips.pdf"):
        assert gone not in page
    for answer in (
        packer.post("/staff/orders/1/pack"),
        packer.post("/staff/orders/1/ship", carrier="DHL"),
        packer.get("/staff/packing/slips.pdf", order=[1]),
    ):
        assert (answer.status_code, "It must be confirmed or declined first." in answer.text) == (409, True)
    assert packer.get("/staff/packing/slips.pdf").headers["Content-Disposition"].endswith('"slips-00002.pdf"')
    assert manager.post("/staff/refunds/1/decline").status_code == 303
    assert packer.post("/staff/orders/1/pack").status_code == 303


def test_a_parcel_that_was_faster_than_the_second_person(app: Flask, db: Database, sold: Shop, manager: Desk) -> None:
    _limit(db, 0)
    manager.client.post("/staff/orders/1/refund", data=_hidden(manager.post("/staff/orders/1/refund/check", **WHOLE)))
    other = sit_down(app, db, sold.label_id, Role.MANAGER)
    assert "cannot be carried out" not in other.get("/staff/refunds/1").text
    with transaction(db) as session:
        shipping.pack(session, 1, NOW)
    packed = other.get("/staff/refunds/1").text
    assert "The parcel is packed, so this cannot be carried out." in packed
    with transaction(db) as session:
        shipping.ship(session, 1, "DHL", "", NOW + timedelta(minutes=1), SAM)
    sent = other.get("/staff/refunds/1").text
    assert "The parcel has left, so this cannot be carried out any more." in sent
    for page in (packed, sent):
        assert "/refunds/1/confirm" not in page
        assert "/refunds/1/decline" in page


def test_declining(app: Flask, db: Database, sold: Shop, manager: Desk) -> None:
    _limit(db, 0)
    manager.client.post("/staff/orders/1/refund", data=_hidden(manager.post("/staff/orders/1/refund/check", **WHOLE)))
    assert sit_down(app, db, sold.label_id, Role.OWNER).post("/staff/refunds/1/decline").status_code == 303
    assert (_refunds(db)[0].state, _order(db).state) == (RefundState.DECLINED, OrderState.PLACED)
    assert len(deeds(db, "order.refund_declined")) == 1


def test_a_single_owner(app: Flask, db: Database, clock: StoppedClock, sold: Shop) -> None:
    _limit(db, 0)
    owner = sit_down(app, db, sold.label_id, Role.OWNER)
    with transaction(db) as session:
        session.get_one(Staff, owner.staff_id).password_hash = passwords.hashed("the owner's own password")
    owner.client.post("/staff/orders/1/refund", data=_hidden(owner.post("/staff/orders/1/refund/check", **WHOLE)))
    assert "Not before 20:10." in owner.get("/staff/refunds/1").text
    sure = {"password": "the owner's own password", "why": "nobody else works here"}
    assert owner.post("/staff/refunds/1/confirm", **sure).status_code == 409  # not before ten minutes
    clock.forward(minutes=10)
    assert "You are the label’s only owner" in owner.get("/staff/refunds/1").text
    assert owner.post("/staff/refunds/1/confirm", **{**sure, "password": "a guess"}).status_code == 422
    assert owner.post("/staff/refunds/1/confirm", **{**sure, "why": ""}).status_code == 422
    assert _refunds(db)[0].state is RefundState.PROPOSED
    assert owner.post("/staff/refunds/1/confirm", **sure).status_code == 303
    assert _refunds(db)[0].state is RefundState.WANTED
    assert deeds(db, "order.refund_confirmed")[0].detail["reason"] == "nobody else works here"


@pytest.fixture
def failed(db: Database, sold: Shop) -> Shop:
    """A refund of €10.00 that the bank sent back."""
    give_back(db, 1, Plan(amount=1000), RefundState.FAILED)
    return sold


def test_what_fell_through_is_somebodys_task(db: Database, failed: Shop, manager: Desk, packer: Desk) -> None:
    for desk in (manager, packer):
        assert "could not be given back" in desk.get("/staff/").text
    assert "The fan does not have this money." in manager.get("/staff/refunds/1").text
    assert manager.post("/staff/refunds/1/paid-otherwise", how="").status_code == 422
    assert manager.post("/staff/refunds/1/paid-otherwise", how="bank transfer, 1 December").status_code == 303
    assert _refunds(db)[0].state is RefundState.PAID_OTHERWISE
    assert "could not be given back" not in manager.get("/staff/").text
    assert manager.post("/staff/refunds/1/repeat").status_code == 409


def test_tried_again_or_replaced(db: Database, failed: Shop, manager: Desk) -> None:
    assert manager.post("/staff/refunds/1/repeat").status_code == 303
    assert [refund.state for refund in _refunds(db)] == [RefundState.REPEATED, RefundState.WANTED]
    assert len(deeds(db, "order.refund_repeated")) == 1
    assert manager.post("/staff/refunds/1/replaced").status_code == 409


def test_replaced(db: Database, failed: Shop, manager: Desk) -> None:
    nothing = manager.post("/staff/refunds/1/replaced")
    assert (nothing.status_code, "€10.00 is missing" in nothing.text) == (409, True)
    refunded_elsewhere(db, 1, 1000)
    assert manager.post("/staff/refunds/1/replaced").status_code == 303
    assert _refunds(db)[0].state is RefundState.REPEATED


def test_refunded_in_the_dashboard_asks_for_a_decision(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    refunded_elsewhere(db, 1, 4995)
    assert "Decide what becomes of its copies." in packer.get("/staff/").text
    order = manager.get("/staff/orders/1").text
    assert "2 copies wait for a decision." in order
    assert "Stripe&#39;s dashboard" in order
    assert "nobody here has looked at its copies" in manager.get("/staff/orders/1/copies").text
    assert manager.post("/staff/orders/1/copies", **{"fate-1": "kept", "fate-2": "kept"}).status_code == 422
    assert manager.post("/staff/orders/1/copies", **{"fate-1": "put_back", "fate-2": "withdrawn"}).status_code == 422
    fields = {"fate-1": "put_back", "fate-2": "withdrawn", "words": "posted already"}
    assert manager.post("/staff/orders/1/copies", **fields).status_code == 303
    assert (states_of(db)[:2], copies_of(db, 1)) == (["available", "withdrawn"], [])
    assert "Decide what becomes" not in manager.get("/staff/").text
    assert "Nothing to decide." in manager.get("/staff/orders/1/copies").text
    assert len(deeds(db, "order.copies_decided")) == 1


def test_disputed(db: Database, clock: StoppedClock, sold: Shop, manager: Desk, packer: Desk) -> None:
    disputed(db, 1)
    assert "A bank disputes €49.95." in packer.get("/staff/").text
    order = manager.get("/staff/orders/1").text
    assert "The fan’s bank disputes €49.95." in order
    assert "Answer it in Stripe’s dashboard by Sunday 6 December, 20:00" in order
    for path in ("/staff/orders/1/refund", "/staff/orders/1/cancel"):
        assert path not in order
        assert manager.get(path).status_code == 409
    assert "№ 00001" not in packer.get("/staff/packing").text
    assert "№ 00001" in packer.get("/staff/orders", stage="disputed").text
    assert packer.post("/staff/orders/1/pack").status_code == 409
    disputed(db, 1, DisputeState.LOST)
    assert "has taken back €49.95" in packer.get("/staff/").text
    assert "Cancel the order, and say what becomes of its copies." in manager.get("/staff/orders/1").text
    fields = {"fate-1": "put_back", "fate-2": "put_back", "reason": "lost at the bank"}
    assert manager.post("/staff/orders/1/cancel", **fields).status_code == 303
    assert (_order(db).state, "has taken back" in packer.get("/staff/").text) == (OrderState.CANCELLED, False)


def test_a_bank_that_only_asks(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    disputed(db, 1, DisputeState.WARNING_NEEDS_RESPONSE)
    assert "A bank inquires about €49.95. Answer it in Stripe’s dashboard" in packer.get("/staff/").text
    order, listed = manager.get("/staff/orders/1").text, manager.get("/staff/orders", stage="disputed").text
    assert "The fan’s bank inquires about €49.95." in order
    assert "inquiry about €49.95" in order
    assert "the bank inquires" in listed
    assert "isputes €" not in order
    assert not re.search(r"\bdisputed\b", seen_words(order) + seen_words(listed.split("<tbody", 1)[1]))


def test_the_whole_story_of_the_money(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    give_back(db, 1, Plan(postage=True))
    refunded_elsewhere(db, 1, 500)
    disputed(db, 1)
    disputed(db, 1, DisputeState.WON)
    page = manager.get("/staff/orders/1").text
    money, story = page.split("Its money", 1)[1].split("Everything that happened")
    for words in (
        "€49.95 authorised", "payment captured", "€1.95 to be given back", "€1.95 given back", "€5.00 given back",
        "€49.95 disputed", "the cardholder says it was not them", "dispute of €49.95 won", "as agreed", "heard by evt_elsewhere",
        "€43.00", "partly refunded",
    ):  # fmt: skip
        assert words in story + page, words
    assert "/staff/refunds/1" in money
    assert page.count("payment captured") == 1
    assert "/staff/refunds/1" not in packer.get("/staff/orders/1").text


def test_a_good_day_needs_nobody(db: Database, sold: Shop, manager: Desk) -> None:
    give_back(db, 1, Plan(amount=100))
    disputed(db, 1)
    disputed(db, 1, DisputeState.WON)
    assert "This needs a person." not in manager.get("/staff/").text


def test_goods_that_come_back_later(db: Database, sold: Shop, manager: Desk) -> None:
    with transaction(db) as session:
        shipping.ship(session, 1, "DHL", "", NOW, SAM)
    fields = {"what": "whole", "fate-1": "kept", "fate-2": "kept", "reason": "never arrived", "sent": "1"}
    check = manager.post("/staff/orders/1/refund/check", **fields)
    assert "2 copies stay with the fan." in check.text
    manager.client.post("/staff/orders/1/refund", data=_hidden(check))
    assert "A copy came back" in manager.get("/staff/orders/1").text
    assert manager.post("/staff/orders/1/copies", **{"fate-1": "put_back", "fate-2": "kept"}).status_code == 303
    assert states_of(db)[:2] == ["available", "shipped"]


@pytest.mark.parametrize("typed", ["25", "25,50", ""])
def test_the_owner_sets_the_limit(app: Flask, db: Database, sold: Shop, typed: str) -> None:
    owner = sit_down(app, db, sold.label_id, Role.OWNER)
    page = owner.get(f"/staff/labels/{sold.label_id}").text
    assert "need a second person" in page
    fields = {"name": "Tinsel", "tagline": "", "email": "desk@tinsel.example", "time_zone": "Europe/Berlin", "country": "DE"}
    answer = owner.post(f"/staff/labels/{sold.label_id}", **fields, packaging_weight="60", currency="EUR", refund_limit=typed)
    assert answer.status_code == 303, answer.text
    with reading(db) as session:
        assert session.get_one(Label, sold.label_id).refund_limit == {"25": 2500, "25,50": 2550, "": None}[typed]
    log = seen_words(owner.get("/staff/audit").text)
    limit = {"25": ", refund limit · refund limit: €25.00", "25,50": ", refund limit · refund limit: €25.50", "": ""}[typed]
    assert f"label edited label Tinsel changed: name{limit} " in log
    wrong = owner.post(f"/staff/labels/{sold.label_id}", **fields, packaging_weight="60.5", refund_limit="-1")
    assert wrong.status_code == 422
    assert ">Packaging: A whole number from 0 to 10000.</a>" in wrong.text
