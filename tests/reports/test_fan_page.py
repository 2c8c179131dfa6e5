"""What happened to a fan, sentence by sentence, and to nobody else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.checkout.parts import Plan
from app.checkout.take import Fan
from app.drops.models import Drop
from app.fulfilment import shipping
from app.inventory.models import Hold
from app.kernel.db import reading, transaction
from app.kernel.errors import NotFound
from app.payments.models import CheckoutAttempt
from app.payments.states import DisputeState
from app.reports.fan_page import FanPage, fan_page
from tests.builders import disputed, make_label, open_drop, take_some, take_with_details
from tests.cast import ADA, BEN, NOW, SAM, Person
from tests.giving import asked_and_done
from tests.story import Story


def page_of(story: Story, hold_id: int) -> FanPage:
    with reading(story.db) as session:
        label = session.get_one(Drop, session.get_one(Hold, hold_id).drop_id).label_id
        return fan_page(session, hold_id, [label], story.clock.now())


def sentences(story: Story, hold_id: int) -> list[str]:
    return [each.text for each in page_of(story, hold_id).told]


def test_from_the_hold_to_the_refund(story: Story) -> None:
    drop, run = open_drop(story.db, size=9)
    order = story.buy(drop, {run: 2})
    story.post()
    story.clock.forward(minutes=1)
    with transaction(story.db) as session:
        shipping.ship(session, order.id, "DHL", "0034", story.clock.now(), SAM)
    story.post()
    story.clock.forward(minutes=1)
    asked_and_done(story, order.id, Plan(amount=1000), 1000)
    story.post()
    assert sentences(story, order.hold_id) == [
        "You held TAPE-001 № 1, 2 in “Drop 1”.",
        "You went to pay €49.95.",
        "Your bank promised €49.95.",
        "Your order № 00001 was placed: TAPE-001 № 1, 2.",
        "€49.95 was paid.",
        "We mailed you the confirmation of your order.",
        "The parcel of order № 00001 left with DHL, tracking number 0034.",
        "We mailed you that your parcel has left.",
        "We began to give €10.00 back.",
        "€10.00 was given back; your bank may take some days to show it.",
        "We mailed you that your money goes back.",
    ]


def test_who_did_not_pay_and_tried_again(story: Story) -> None:
    drop, run = open_drop(story.db, size=9)
    first = take_some(story.db, drop, {run: 1}).hold.id  # no address yet
    story.clock.forward(minutes=11)
    story.lapse(first)
    story.clock.forward(minutes=1)
    second = take_with_details(story.db, drop, {run: 3}, ADA, story.clock.now())
    told = [
        "You held TAPE-001 № 1 in “Drop 1”.",
        "The time of your hold was over without a payment, so the copies went back on sale.",
        "You held TAPE-001 № 1, 2, 3 in “Drop 1”.",
        "Your hold is still running.",
    ]
    assert sentences(story, second.id) == sentences(story, first) == told


def test_it_is_theirs_alone(story: Story) -> None:
    drop, run = open_drop(story.db, size=9)
    take_with_details(story.db, drop, {run: 1}, BEN, story.clock.now())
    mine = take_with_details(story.db, drop, {run: 1}, ADA, story.clock.now())
    again = Person("Ada L.", "ADA+tapes@example.org", Fan("another-browser", "net-x"))
    take_with_details(story.db, drop, {run: 1}, again, story.clock.now())
    page = page_of(story, mine.id)
    assert [each.text for each in page.told if each.text.startswith("You held")] == [
        "You held TAPE-001 № 2 in “Drop 1”.",
        "You held TAPE-001 № 3 in “Drop 1”.",
    ]
    assert "Ben" not in str(page)


def test_another_labels_fan_does_not_exist(story: Story) -> None:
    drop, run = open_drop(story.db)
    hold = take_with_details(story.db, drop, {run: 1}, ADA, story.clock.now())
    with transaction(story.db) as session:
        other = make_label(session).id
        with pytest.raises(NotFound):
            fan_page(session, hold.id, [other], NOW)


def test_no_machinery_is_told(story: Story) -> None:
    drop, run = open_drop(story.db)
    order = story.buy(drop, {run: 1})
    disputed(story.db, order.id)
    disputed(story.db, order.id, DisputeState.LOST, story.clock.now() + timedelta(minutes=1))
    told = " ".join(sentences(story, order.hold_id))
    assert "Your bank asked us about €25.95, as you had disputed the payment." in told
    assert "Your bank gave you the €25.95 back." in told
    with reading(story.db) as session:
        attempt = session.get_one(CheckoutAttempt, order.attempt_id)
        hidden = [attempt.idempotency_key, attempt.session_id or "", "net-a", "ada-cookie", "evt_", "pi_", "cs_", "dp_"]
    assert [each for each in hidden if each in told] == []
    assert re.search(r"\b(hold|attempt|payment) \d", told) is None


def test_a_corrected_address_is_the_one_shown(story: Story) -> None:
    drop, run = open_drop(story.db, size=9)
    story.buy(drop, {run: 1}, replace(ADA, name="A. Lovelace"))
    [order] = story.orders()
    page = page_of(story, order.hold_id)
    assert (page.email, page.orders, page.zones, page.cut) == ("ada@example.org", ((order.id, "00001"),), ("Europe/Berlin",), False)
