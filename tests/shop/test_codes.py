"""A discount code on the hold's page: typed, refused beside its field, brought along by a link, and not to be guessed."""

from flask import Flask

from app.kernel.db import Database
from app.orders.models import CodeKind
from sandbox import LocalStripe
from tests.builders import make_code, open_drop
from tests.cast import StoppedClock
from tests.shop.shopper import Shopper, deliver, events, work


def _use(ada: Shopper, hold: str, code: str, status: int = 303) -> str:
    answer = ada.client.post(f"{hold}/details", data=ada.details(code=code))
    assert answer.status_code == status, answer.text
    return answer.text if status != 303 else ada.client.get(hold).text


def test_from_the_code_to_the_mail(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, local_stripe: LocalStripe
) -> None:
    open_drop(db, size=10, price=1000)
    make_code(db)
    hold = ada.take(3)
    page = _use(ada, hold, "spring")
    assert "Code SPRING" in page
    assert "−€5.00" in page
    assert "Pay €26.95" in page
    assert page.count("Mira Vale – Night Bus") == 1
    session = ada.buy(hold)
    assert local_stripe.box.store.get("checkout.session", session)["amount_total"] == 2695
    for body in events(local_stripe):
        assert deliver(ada.client, body, clock.now()).status_code == 200
    [letter] = work(selling)
    assert "№ 01, 02, 03/10: €30.00\n" in letter.text
    assert "Code SPRING: −€5.00" in letter.text
    assert "−€5.00" in letter.html
    order = ada.client.get(ada.order(hold)).text
    assert "−€5.00" in order
    assert "€26.95" in order


def test_a_refusal_stands_beside_the_field_with_what_was_typed(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    page = _use(ada, hold, "winter", 422)
    assert 'id="e-code">We do not know this code.' in page
    assert 'value="winter"' in page
    assert "Pay €25.95" in page


def test_typed_and_paid_at_once_the_new_total_is_shown_first(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    make_code(db)
    hold = ada.take()
    answer = ada.press_pay(hold, code="SPRING")
    assert answer.status_code == 409
    assert "Pay €20.95" in answer.text
    assert ada.session(ada.press_pay(hold, code="SPRING"))


def test_a_code_that_ended_meanwhile_is_told_on_the_page(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    make_code(db, ends_at=clock.forward(minutes=1))
    clock.forward(minutes=-1)
    hold = ada.take()
    assert "Pay €20.95" in _use(ada, hold, "SPRING")
    clock.forward(minutes=2)
    page = ada.client.get(hold).text
    assert 'id="e-code">The code SPRING is over.' in page
    assert "Pay €25.95" in page
    answer = ada.press_pay(hold, code="SPRING", shown="2095")
    assert answer.status_code == 409


def test_a_link_may_bring_one_along(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    make_code(db)
    hold = ada.take()
    page = ada.client.get(f"{hold}?code=SPRING").text
    assert 'name="code" type="text" value="SPRING"' in page
    assert "Pay €25.95" in page  # looking changes nothing


def test_free_postage(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    make_code(db, code="POSTFREE", kind=CodeKind.POSTAGE, value=0)
    hold = ada.take()
    assert "Pay €24.00" in _use(ada, hold, "postfree")


def test_guessing_is_throttled_and_a_right_guess_too(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    make_code(db)
    hold = ada.take()
    for guess in range(10):
        _use(ada, hold, f"GUESS{guess}", 422)
    assert "Too many codes" in _use(ada, hold, "SPRING", 429)
    assert ada.client.post(f"{hold}/details", data=ada.details(code="")).status_code == 303  # everything else goes on


def test_the_code_that_stands_there_is_no_guess(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    make_code(db)
    hold = ada.take()
    for _ in range(15):
        _use(ada, hold, "SPRING")
