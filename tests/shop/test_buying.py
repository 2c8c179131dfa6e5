"""The whole purchase over HTTP: from the click to the order, with every turn it may take."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.fulfilment.models import PostageRate
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState, PaymentState
from sandbox import LocalStripe
from tests.builders import open_drop
from tests.cast import StoppedClock
from tests.shop.shopper import JSON, Shopper, all_places_taken, deliver, events, work
from tests.site import NOBODY, make_app

DECLINED = "4000000000000002"


def orders(db: Database) -> list[Order]:
    """All orders."""
    with reading(db) as session:
        return list(session.scalars(select(Order).order_by(Order.id)))


def attempts(db: Database) -> list[CheckoutAttempt]:
    """All attempts."""
    with reading(db) as session:
        return list(session.scalars(select(CheckoutAttempt).order_by(CheckoutAttempt.id)))


def test_from_the_click_to_the_mail(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, local_stripe: LocalStripe
) -> None:
    open_drop(db, size=100)
    hold = ada.take(2)
    page = ada.client.get(hold)
    assert page.status_code == 200
    assert "№ 001/100" in page.text
    assert "№ 002/100" in page.text
    assert "Yours until 20:10" in page.text
    assert re.search(r'<time datetime="2026-11-27T19:10:00Z" data-zone="Europe/Berlin"[^>]*>in Berlin</time>', page.text)
    assert "Clicking again adds no time." in page.text
    assert "Pay €49.95" in page.text  # two at 24.00 and a letter
    session = ada.buy(hold)
    asked = local_stripe.box.store.get("checkout.session", session)
    assert asked["amount_total"] == 4995
    assert asked["success_url"] == f"http://runout-tests{hold}/paid"
    assert asked["metadata"]["shop"] == "runout-tests"
    for body in events(local_stripe):
        assert deliver(ada.client, body, clock.now()).status_code == 200
    letters = work(selling)
    assert [letter.to for letter in letters] == ["ada@example.org"]
    assert letters[0].subject == "№ 001, 002/100 are yours: Night Bus"
    order = ada.order(hold)
    assert f"http://runout-tests{order}" in letters[0].text
    shown = ada.client.get(order)
    assert shown.status_code == 200
    assert "Paid. Next we pack it." in shown.text
    assert "€49.95" in shown.text
    assert "10115 Berlin" in shown.text
    assert ada.client.get(hold).headers["Location"] == order


def test_the_way_back_knows_before_the_webhook(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    ada.buy(hold)
    order = ada.order(hold)
    assert "Confirmed." in ada.client.get(order).text
    assert len(orders(db)) == 1
    assert ada.client.get(order, headers=JSON).json["state"] == "confirmed"


def test_declined_and_then_paid_on_the_same_page(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    session = ada.session(ada.press_pay(hold))
    assert ada.stripe.control.pay(session, DECLINED)["outcome"] != "complete"
    back = ada.come_back(hold)
    assert (back.status_code, back.headers["Location"]) == (303, hold)
    assert "You are paying" in ada.client.get(hold).text
    assert ada.stripe.control.pay(session)["outcome"] == "complete"
    ada.order(hold)
    assert len(orders(db)) == 1


def test_leaving_stripes_page_and_coming_again_finds_the_same_session(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    shown = ada.shown(hold)
    first = ada.press_pay(hold, shown=shown)
    page = ada.client.get(hold)
    assert "Stop the payment" in page.text
    assert first.headers["Location"] in page.text
    again = ada.press_pay(hold, shown=shown)
    assert again.headers["Location"] == first.headers["Location"]
    assert len(attempts(db)) == 1


def test_stopping_the_payment_frees_the_form(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    shown = ada.shown(hold)
    first = ada.session(ada.press_pay(hold, shown=shown))
    changed = ada.press_pay(hold, shown=shown, country="FR")
    assert changed.status_code == 409
    assert "stop the payment first" in changed.text
    assert ada.client.post(f"{hold}/put-back").status_code == 409
    stopped = ada.client.post(f"{hold}/stop-paying")
    assert (stopped.status_code, stopped.headers["Location"]) == (303, f"{hold}?stopped=1")
    assert attempts(db)[0].state is AttemptState.EXPIRED
    page = ada.client.get(stopped.headers["Location"]).text
    assert "Where to" in page
    assert "You were not charged, and your copy is still yours until 20:10 in Berlin." in page
    assert "The payment is stopped." not in ada.client.get(hold).text
    second = ada.session(ada.press_pay(hold, country="FR", shown=str(2400 + 1499)))
    assert second != first


def test_stopping_too_late_leads_to_the_order(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    ada.buy(hold)
    late = ada.client.post(f"{hold}/stop-paying").headers["Location"]
    assert ada.client.get(late).headers["Location"].startswith("/orders/")


def test_a_second_tab_hears_that_the_first_has_paid(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    session = ada.session(ada.press_pay(hold))
    found = re.search(r'<div hx-get="([^"]+)" hx-trigger="every 10s', ada.client.get(hold).text)
    assert found
    ask = {"HX-Request": "true"}
    assert ada.client.get(found[1], headers=ask).status_code == 204
    ada.stripe.control.pay(session, "4242424242424242")
    assert ada.order(hold)
    assert ada.client.get(found[1], headers=ask).headers["HX-Redirect"].startswith("/orders/")


def test_another_total_than_the_shown_one_is_refused(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    answer = ada.press_pay(hold, country="FR", shown="2595")
    assert answer.status_code == 409
    assert "The total has changed" in answer.text
    assert "Pay €38.99" in answer.text
    assert attempts(db) == []
    as_json = ada.client.post(f"{hold}/checkout", data=ada.details(shown="1"), headers=JSON)
    assert (as_json.status_code, as_json.json["code"]) == (409, "price-changed")
    assert as_json.content_type == "application/problem+json"


def test_too_late_is_a_page_of_its_own(ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    hold = ada.take()
    shown = ada.shown(hold)
    clock.forward(minutes=11)
    for answer in (ada.client.get(hold), ada.press_pay(hold, shown=shown), ada.client.post(f"{hold}/details", data={"note": "x"})):
        assert answer.status_code == 410
        assert "The time is over." in answer.text
        assert "You were not charged." in answer.text
        assert "№ 01 of 10" in answer.text
    assert attempts(db) == []


def test_the_lapsed_copies_are_told_by_number(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    hold = ada.take()
    clock.forward(minutes=11)
    work(selling)
    gone = ada.client.get(hold)
    assert gone.status_code == 410
    assert "№ 01 of 10" in gone.text


def test_time_over_while_paying_waits_for_stripe(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    hold = ada.take()
    ada.press_pay(hold)
    clock.forward(minutes=11)
    closing = ada.client.get(hold)
    assert closing.status_code == 200
    assert "We are asking Stripe" in closing.text
    work(selling)
    assert ada.client.get(hold).status_code == 410


def test_paid_although_all_went_meanwhile_is_not_charged(
    selling: Flask, ada: Shopper, ben: Shopper, db: Database, clock: StoppedClock, local_stripe: LocalStripe
) -> None:
    """The hold is put back behind Stripe's back, as only a mistake of ours could; the money knows better."""
    open_drop(db, size=1)
    hold = ada.take()
    ada.buy(hold)
    with transaction(db) as session:
        attempt = session.scalars(select(CheckoutAttempt)).one()
        attempt.state, attempt.ended_at = AttemptState.FAILED, clock.now()
    assert ada.client.post(f"{hold}/put-back").status_code == 303
    ben.take()
    for body in events(local_stripe, "checkout.session.completed"):
        deliver(ada.client, body, clock.now())
    letters = work(selling)
    assert [(letter.to, letter.subject) for letter in letters] == [("ada@example.org", "You were not charged")]
    back = ada.come_back(hold)
    assert back.status_code == 200
    assert "The last copy went while your bank was asking." in back.text
    assert ada.client.get(hold).status_code == 410
    with reading(db) as session:
        assert session.scalars(select(Payment.state)).all() == [PaymentState.VOIDED]
    assert orders(db) == []


def test_limit_counts_by_e_mail_too(ada: Shopper, ben: Shopper, db: Database) -> None:
    open_drop(db, limit=1)
    ada.buy(hold := ada.take())
    ada.order(hold)
    second = ben.take()
    answer = ben.press_pay(second, email="ada+again@example.org")
    assert answer.status_code == 409
    assert "Over the limit" in answer.text
    assert "you have 1 already" in answer.text


def test_nothing_due_needs_an_address_and_no_stripe(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db, price=0)
    with transaction(db) as session:
        session.execute(update(PostageRate).values(amount=0))
    hold = ada.take()
    page = ada.client.get(hold)
    assert "Order, nothing to pay" in page.text
    missing = ada.press_pay(hold, shown="0")
    assert missing.status_code == 422
    assert "The street is missing." in missing.text
    wrong = ada.press_pay(hold, shown="0", name="Ada", line1="Prüfweg 1", postal_code="SW1A 1AA", city="Berlin")
    assert wrong.status_code == 422
    assert "The postcode does not look right for this country." in wrong.text
    assert 'value="Prüfweg 1"' in wrong.text
    assert orders(db) == []
    done = ada.press_pay(hold, shown="0", name="Ada", line1="Prüfweg 1", postal_code="10115", city="Berlin")
    assert done.status_code == 303
    assert done.headers["Location"].startswith("/orders/")
    order = ada.client.get(done.headers["Location"])
    assert "Confirmed. Next we pack it." in order.text
    assert "Ada, Prüfweg 1, 10115 Berlin, Germany" in order.text
    assert [letter.to for letter in work(selling)] == ["ada@example.org"]


def test_a_crowd_is_told_that_the_checkout_is_prepared(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    hold = ada.take()
    with all_places_taken(selling):
        answer = ada.press_pay(hold)
        assert (answer.status_code, answer.headers["Location"]) == (303, hold)
        waiting = ada.client.get(hold)
        assert waiting.status_code == 200
        assert "Preparing your checkout" in waiting.text
        assert "Your copy is held." in waiting.text
        as_json = ada.client.post(f"{hold}/checkout", data=ada.details(shown="2595"), headers=JSON)
        assert (as_json.status_code, as_json.json["state"]) == (202, "preparing")
    poll = {"HX-Request": "true"}
    again = _asks_again(waiting)
    unchanged = ada.client.get(again, headers=poll)
    assert (unchanged.status_code, dict(unchanged.headers).keys() & {"HX-Refresh", "HX-Redirect"}) == (204, set())
    clock.forward(seconds=3)
    work(selling)
    ready = ada.client.get(again, headers=poll)
    assert ready.status_code == 204
    assert "/c/pay/cs_test_" in ready.headers["HX-Redirect"]
    without_script = ada.client.get(again)
    assert (without_script.status_code, without_script.headers["Location"]) == (303, ready.headers["HX-Redirect"])
    assert "Go back to the payment" in ada.client.get(hold).text  # who comes back from there is not sent away again


def _asks_again(waiting: TestResponse) -> str:
    """The address at which a waiting page asks what is new; the same with and without a script."""
    asked = re.findall(r'(?:hx-get="|content="\d+;url=)(/holds/[^"]+)"', waiting.text)
    assert len(asked) == 2
    assert len(set(asked)) == 1
    return str(asked[0])


def test_stripe_is_silent(db: Database, clock: StoppedClock, ada: Shopper, local_stripe: LocalStripe) -> None:
    """The hold stays, the fan is told, and nothing is lost when Stripe answers again."""
    open_drop(db)
    hold = ada.take()
    ada.buy(hold)
    deaf = make_app(db, clock, stripe_api_base=NOBODY).test_client()
    asking = deaf.get(f"{hold}/paid")
    assert asking.status_code == 200
    assert "We are asking Stripe about your payment" in asking.text
    stop = deaf.post(f"{hold}/stop-paying")
    assert stop.status_code == 503
    assert stop.headers["Retry-After"] == "5"
    assert orders(db) == []
    ada.order(hold)


@pytest.mark.parametrize("session", ["cs_test_of_somebody_else", "{CHECKOUT_SESSION_ID}", "", "x" * 5000])
def test_a_session_id_is_never_a_key(ada: Shopper, db: Database, session: str) -> None:
    open_drop(db)
    hold = ada.take()
    assert ada.client.get("/holds/paid", query_string={"session_id": session}).status_code == 404
    answer = ada.client.get(f"{hold}/paid", query_string={"session_id": session})
    assert (answer.status_code, answer.headers["Location"]) == (303, hold)
    assert orders(db) == []


def test_prices_are_ours_alone(ada: Shopper, db: Database, local_stripe: LocalStripe) -> None:
    open_drop(db)
    hold = ada.take()
    shown = ada.shown(hold)
    sent = ada.details(shown=shown, price="1", total_minor="1", currency="jpy", discount="100", amount="1")
    session = ada.session(ada.client.post(f"{hold}/checkout", data=sent))
    asked = local_stripe.box.store.get("checkout.session", session)
    assert (asked["amount_total"], asked["currency"]) == (2595, "eur")


def test_putting_back_gives_the_copies_back(ada: Shopper, ben: Shopper, db: Database) -> None:
    open_drop(db, size=1)
    hold = ada.take()
    answer = ada.client.post(f"{hold}/put-back")
    assert (answer.status_code, answer.headers["Location"]) == (303, hold)
    page = ada.client.get(hold)
    assert page.status_code == 200
    assert "Put back." in page.text
    assert "№ 1 of 1" in page.text
    assert ada.client.post(f"{hold}/put-back").status_code in {409, 410}
    ben.take()
    with reading(db) as session:
        assert session.scalars(select(Hold.state).order_by(Hold.id)).all() == [HoldState.PUT_BACK, HoldState.ACTIVE]


def test_the_deadline_moves_once_and_only_by_paying(ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    hold = ada.take()
    began = ada.client.get(hold, headers=JSON).json["expires_at"]
    clock.forward(minutes=8)
    assert ada.take() == hold
    assert ada.client.get(hold, headers=JSON).json["expires_at"] == began
    ada.press_pay(hold)
    paying = ada.client.get(hold, headers=JSON).json
    assert paying["expires_at"] == "2026-11-27T19:13:00.000Z"
    assert re.search(r"at least five minutes", ada.client.get(hold).text)
    ada.client.post(f"{hold}/stop-paying")
    clock.forward(minutes=4)
    ada.press_pay(hold)
    assert ada.client.get(hold, headers=JSON).json["expires_at"] == paying["expires_at"]
