"""Stripe in trouble, and we with it: lost hints, crashes, unclear answers, outages and stampedes, each with its control."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.roles import Role
from app.checkout import freeze, lapse, line, send, settle, sync
from app.inventory import claims, holds
from app.inventory.states import HoldState
from app.kernel.db import transaction
from app.orders.models import OrderState
from app.payments.gateway import Gateway
from app.payments.states import AttemptState, PaymentState
from app.worker import schedule
from tests.cast import NOW
from tests.flows.open_shop import CREATE, OpenShop, page
from tests.shop.shopper import JSON, Shopper, all_places_taken
from tests.staff.seat import make_staff, sit_down

MINUTE = timedelta(minutes=1)
EVERYTHING = {"times": None}


def _paid(shop: OpenShop, fan: Shopper | None = None) -> str:
    """A fan pays on Stripe's page and is never heard of again, nor is any webhook; the session's id."""
    fan = fan or shop.fan()
    return fan.buy(fan.take())


def _payable(answer_or_page: str) -> str:
    found = re.search(r"/c/pay/(cs_test_\w+)", answer_or_page)
    assert found, answer_or_page
    return found[1]


def _follow(fan: Shopper, hold: str) -> str:
    """What the waiting page's own refresh does, without a script: the session it leads to."""
    again = re.search(r'content="\d+;url=(/holds/[^"]+)"', fan.client.get(hold).text)
    address = again[1] if again else hold
    answer = fan.client.get(address)
    return _payable(answer.headers.get("Location") or answer.text)


# D: whatever we should have heard of never comes


def _settled(shop: OpenShop) -> bool:
    return [payment.state for payment in shop.payments()] == [PaymentState.CAPTURED] and shop.intents() == ["succeeded"]


def test_d_the_webhook_never_arrives(shop: OpenShop) -> None:
    _paid(shop)
    shop.live(60)
    assert _settled(shop)
    assert [order.state for order in shop.orders()] == [OrderState.PLACED]
    assert (shop.copies, len(shop.letters("mail.confirmed"))) == ("saa", 1)


def test_d_control_without_the_poller_nobody_ever_knows(shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule.sync, "poll", lambda *_: 0)
    kept = tuple(entry for entry in schedule.SCHEDULE if entry[1] != "ask about what should have been heard")
    monkeypatch.setattr("app.worker.SCHEDULE", kept)
    _paid(shop)
    shop.live(120)
    assert (shop.payments(), shop.intents(), shop.copies) == ([], ["requires_capture"], "haa")


@pytest.mark.parametrize("kind", [send.SEND, sync.SYNC, settle.CAPTURE])
def test_d_a_job_that_was_lost(shop: OpenShop, kind: str) -> None:
    """Even a row that vanishes from the outbox, which it never should, is made good by what the other rows say."""
    ada = shop.fan()
    hold = ada.take()
    if kind == send.SEND:
        with all_places_taken(shop.app):
            ada.press_pay(hold)
        assert shop.lose_jobs(kind) == 1
        shop.live(45)
        shop.stripe.pay(_follow(ada, hold))
    else:
        session = ada.buy(hold)
        if kind == sync.SYNC:
            with transaction(shop.db) as db:
                sync.hint(db, shop.attempts()[0].id, shop.clock.now(), session_id=session)
        else:
            with transaction(shop.db) as db:
                facts = shop.app.extensions["runout"].gateway.fetch_session(session)
                settle.settle(db, shop.attempts()[0].id, facts, shop.clock.now())
        assert shop.lose_jobs(kind) == 1
    shop.live(60)
    assert _settled(shop)


def test_d_letting_go_that_was_lost(shop: OpenShop) -> None:
    session = _paid(shop)
    shop.lose_jobs(send.SEND)
    with transaction(shop.db) as db:
        attempt = shop.attempts()[0]
        facts = shop.app.extensions["runout"].gateway.fetch_session(session)
        found = db.get(type(attempt), attempt.id)
        assert found is not None
        found.amount += 1  # so that the money is not what was asked
        settle.settle(db, attempt.id, facts, shop.clock.now())
    assert shop.lose_jobs(settle.VOID) == 1
    shop.live(60)
    assert [payment.state for payment in shop.payments()] == [PaymentState.VOIDED]
    assert shop.intents() == ["canceled"]


def test_d_the_end_of_a_hold_that_was_lost(shop: OpenShop) -> None:
    ada = shop.fan()
    hold = ada.take()
    session = ada.session(ada.press_pay(hold))
    shop.clock.set(shop.holds()[0].expires_at)
    shop.worker.tick()
    assert shop.lose_jobs(lapse.LAPSE) == 1
    shop.live(30)
    assert (shop.sessions("expired"), shop.copies) == ([session], "aaa")


def test_d_the_money_went_away_and_nobody_told_us(shop: OpenShop) -> None:
    """Somebody cancels the intent in Stripe's dashboard between paying and capturing."""
    session = _paid(shop)
    [intent] = shop.stripe.objects("payment_intent")
    shop.stripe.fault("reset", "/v1/payment_intents/*/capture", times=2)
    with transaction(shop.db) as db:
        facts = shop.app.extensions["runout"].gateway.fetch_session(session)
        settle.settle(db, shop.attempts()[0].id, facts, shop.clock.now())
    shop.work()
    shop.stripe.cancel(intent["id"])
    shop.live(60)
    assert [payment.state for payment in shop.payments()] == [PaymentState.CAPTURE_FAILED]
    assert [order.state for order in shop.orders()] == [OrderState.CANCELLED]
    assert (shop.copies, len(shop.letters("mail.not_charged"))) == ("aaa", 1)


# E: a process dies between Stripe's answer and our commit


class _Killed(BaseException):
    """The process is gone; no `except Exception` of ours sees it."""


def _dies_in(place: str) -> Callable[[], None]:
    """Have the process die where Stripe's answer would be written down; gives back what lets it live."""
    patch = pytest.MonkeyPatch()

    def die(*_: Any, **__: Any) -> None:
        raise _Killed

    patch.setattr(place, die)
    return patch.undo


def _survives(shop: OpenShop, place: str, deed: Callable[[], object]) -> None:
    """The deed is killed at that place; then the shop starts again and lives for two minutes."""
    mend = _dies_in(place)
    with pytest.raises(_Killed):
        deed()
    mend()
    shop.die()
    shop.live(120)


def test_e_while_the_payment_page_is_made(shop: OpenShop) -> None:
    ada = shop.fan()
    hold = ada.take()
    shown = ada.shown(hold)
    _survives(shop, "app.checkout.send._note_session", lambda: ada.press_pay(hold, shown=shown))
    assert len(shop.sessions()) == 1
    assert [attempt.session_id for attempt in shop.attempts()] == shop.sessions()
    shop.stripe.pay(_follow(ada, hold))
    shop.live(60)
    assert _settled(shop)


def test_e_while_the_money_is_taken(shop: OpenShop) -> None:
    _paid(shop)
    shop.clock.forward(seconds=31)
    _survives(shop, "app.checkout.capture._follow", shop.work)
    assert _settled(shop)
    assert len(shop.letters("mail.confirmed")) == 1
    assert [charge["amount_captured"] for charge in shop.stripe.objects("charge")] == [2595]


def test_e_while_the_money_is_let_go(shop: OpenShop) -> None:
    session = _paid(shop)
    with transaction(shop.db) as db:
        attempt = db.get(type(shop.attempts()[0]), shop.attempts()[0].id)
        assert attempt is not None
        attempt.amount += 1
        settle.settle(db, attempt.id, shop.app.extensions["runout"].gateway.fetch_session(session), shop.clock.now())
    _survives(shop, "app.checkout.capture._follow", shop.work)
    assert (shop.intents(), [payment.state for payment in shop.payments()]) == (["canceled"], [PaymentState.VOIDED])
    assert len(shop.letters("mail.not_charged")) == 1


def test_e_while_a_hold_ends(shop: OpenShop) -> None:
    ada = shop.fan()
    ada.press_pay(ada.take())
    shop.work()
    shop.clock.set(shop.holds()[0].expires_at)
    _survives(shop, "app.checkout.lapse.settle", shop.work)
    assert (shop.copies, shop.holds()[0].state, shop.attempts()[0].state) == ("aaa", HoldState.PUT_BACK, AttemptState.EXPIRED)


def test_e_control_without_a_stored_key_there_are_two_pages(shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is made anew for each call protects a retry, but not a crash."""
    made = Gateway.create_session
    count = iter(range(100))
    monkeypatch.setattr(Gateway, "create_session", lambda self, request, key: made(self, request, f"{key}:{next(count)}"))
    ada = shop.fan()
    hold = ada.take()
    shown = ada.shown(hold)
    _survives(shop, "app.checkout.send._note_session", lambda: ada.press_pay(hold, shown=shown))
    assert len(shop.sessions("open")) == 2, "without its stored key a crash makes two pages that can both be paid"


# F: whether the payment page was made is not clear

UNCLEAR = ["hang", "hang-after", "reset", "lost", "500", "500-after", "502", "503", "garbage"]


@pytest.mark.parametrize(("kind", "times"), [*((kind, 2) for kind in UNCLEAR), ("hang", 4), ("500", 4), ("lost", 4)])
def test_f_an_unclear_answer_makes_one_page(shop: OpenShop, kind: str, times: int) -> None:
    shop.stripe.fault(kind, CREATE, "POST", times=times, seconds=0.1)
    ada = shop.fan()
    hold = ada.take()
    answer = ada.press_pay(hold)
    if answer.headers["Location"] == hold:
        waiting = page(ada, hold).text
        assert "Your copy is held." in waiting
        assert "Preparing your checkout" in waiting
    shop.live(60)
    assert len(shop.sessions("open")) == 1, "one page that can be paid, whatever the first calls did"
    shop.stripe.pay(_follow(ada, hold))
    shop.live(60)
    assert _settled(shop)
    assert (shop.copies, [order.number for order in shop.orders()]) == ("saa", [1])


def test_f_a_fault_that_stripe_keeps_makes_another_attempt(shop: OpenShop) -> None:
    shop.stripe.fault("500", CREATE, "POST", times=1)
    ada = shop.fan()
    hold = ada.take()
    assert ada.press_pay(hold).headers["Location"] == hold
    first, second = shop.attempts()
    assert (first.state, second.state, second.number) == (AttemptState.FAILED, AttemptState.WANTED, 2)
    assert second.idempotency_key != first.idempotency_key
    assert (second.amount, second.quote) == (first.amount, first.quote)
    shop.live(10)
    assert len(set(shop.asked())) == 2
    [session] = shop.stripe.objects("checkout.session")
    assert session["metadata"]["attempt"] == str(second.id)
    intent = shop.attempts()[1].request["payment_intent_data"]["metadata"]
    assert (intent["attempt"], intent["key"]) == (str(second.id), second.idempotency_key)


def test_f_control_a_fault_taken_for_a_no_makes_two_pages(shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who believes that a 500 made nothing, and does not look, lets the fan pay twice."""
    monkeypatch.setattr(send, "_look", lambda *_: None)
    shop.stripe.fault("500-after", CREATE, "POST", times=1)
    ada = shop.fan()
    ada.press_pay(ada.take())
    shop.live(30)
    assert len(shop.sessions("open")) == 2


# J: Stripe is slow or away in a drop


def _stripe_goes(shop: OpenShop, kind: str = "503") -> None:
    """Stripe goes away, and three fans who press Pay find out."""
    shop.stripe.fault(kind, "/v1/**", seconds=0.1, **EVERYTHING)


def test_j_the_fan_is_told_and_nothing_is_eaten(shop: OpenShop) -> None:
    _stripe_goes(shop)
    ada, ben = shop.fan(), shop.fan("ben")
    mine = ada.take()
    ada.press_pay(mine)
    shop.live(10, step=1)
    assert shop.away
    told = page(ada, mine).text
    assert "Payments are slow right now." in told
    assert "Your copy is held." in told
    assert "Yours until 20:11 in Berlin." in told
    assert "data-timer" not in told, "a clock that stands still does not run"
    theirs = ben.take()
    assert "You can press Pay all the same" in page(ben, theirs).text
    asked = len(shop.stripe.requests())
    assert ben.press_pay(theirs).headers["Location"] == theirs
    assert len(shop.stripe.requests()) == asked, "nobody asks a Stripe that is away"
    assert "Payments are slow right now." in page(ben, theirs).text
    as_json = ben.client.get(theirs, headers=JSON).json
    assert (as_json["state"], as_json["waiting"]["slow"]) == ("preparing", True)

    shop.live(11 * 60, step=60)  # longer than a hold lasts
    assert (shop.copies, [hold.state for hold in shop.holds()]) == ("hha", [HoldState.ACTIVE] * 2)

    shop.stripe.clear_faults()
    shop.live(15)
    assert not shop.away
    for fan, hold in ((ada, mine), (ben, theirs)):
        shop.stripe.pay(_follow(fan, hold))
    shop.live(60)
    assert [payment.state for payment in shop.payments()] == [PaymentState.CAPTURED] * 2
    assert (shop.copies, len(shop.sessions()), len(shop.letters("mail.confirmed"))) == ("ssa", 2, 2)


@pytest.mark.parametrize("kind", ["hang", "reset"])
def test_j_recovery_needs_nobody(shop: OpenShop, kind: str) -> None:
    """No click, no webhook, no staff: the worker alone finds out that Stripe is back, and captures go first."""
    _paid(shop)
    facts = shop.app.extensions["runout"].gateway.fetch_session(shop.sessions()[0])
    with transaction(shop.db) as db:
        settle.settle(db, shop.attempts()[0].id, facts, shop.clock.now())
    ben, eve = shop.fan("ben"), shop.fan("eve")
    waiting = [(fan, fan.take()) for fan in (ben, eve)]
    _stripe_goes(shop, kind)
    for fan, hold in waiting:
        fan.press_pay(hold)
    shop.live(20, step=1)
    assert shop.away
    assert [payment.state for payment in shop.payments()] == [PaymentState.AUTHORISED]
    before = len(shop.stripe.requests())
    shop.live(60)
    assert len(shop.stripe.requests()) - before <= 13, "one try every five seconds, and no more"
    shop.stripe.clear_faults()
    before = len(shop.stripe.requests())
    shop.live(15)
    posts = [call["path"] for call in shop.stripe.requests()[before:] if call["method"] == "POST"]
    assert posts[0].endswith("/capture")
    assert posts.count(CREATE) == 2
    assert len(shop.sessions("open")) == 2
    assert _settled(shop)


def test_j_the_bound_is_ten_minutes_and_nothing_is_put_back_blindly(shop: OpenShop) -> None:
    """A fan has the payment page when Stripe's API goes away, and pays there: however long it lasts, the copy stays theirs."""
    ada = shop.fan()
    hold = ada.take()
    session = ada.session(ada.press_pay(hold))
    _stripe_goes(shop)
    shop.live(20, step=1)
    for _ in range(3):
        ada.come_back(hold)
    shop.live(60)
    assert shop.away
    told = page(ada, hold).text
    assert "Payments are slow right now." in told
    assert "Your payment page may not answer either." in told
    shop.live(21 * 60, step=60)
    [mine] = shop.holds()
    assert mine.expires_at <= NOW + 20 * MINUTE
    assert (mine.state, shop.copies) == (HoldState.CLOSING, "haa")
    assert "until it has answered nothing goes back" in page(ada, hold).text
    shop.stripe.pay(session)
    shop.live(60)
    assert shop.copies == "haa"
    shop.stripe.clear_faults()
    shop.live(60)
    assert (shop.copies, [order.late for order in shop.orders()]) == ("saa", [False])
    assert _settled(shop)


def test_j_who_never_asked_to_pay_ends_as_always(shop: OpenShop) -> None:
    _stripe_goes(shop)
    ada, ben = shop.fan(), shop.fan("ben")
    ada.press_pay(ada.take())
    ben.take()
    shop.live(11 * 60, step=60)
    assert [hold.state for hold in shop.holds()] == [HoldState.ACTIVE, HoldState.PUT_BACK]


def test_j_staff_see_it(shop: OpenShop) -> None:
    seat = sit_down(shop.app, shop.db, make_staff(shop.db, "Sam", {1: Role.MANAGER}))
    assert "Stripe has not answered" not in seat.get("/staff/").text
    _stripe_goes(shop)
    ada = shop.fan()
    ada.press_pay(ada.take())
    shop.live(10, step=1)
    for path in ("/staff/", "/staff/drops/1/day"):
        told = seat.get(path).text
        assert "Stripe has not answered since 20:00." in told
        assert "One fan went to pay and waits" in told
    assert any("Stripe has not answered since" in warning for warning in shop.app.test_client().get("/readyz").json["warnings"])
    shop.stripe.clear_faults()
    shop.live(15)
    assert "Stripe has not answered" not in seat.get("/staff/").text
    assert "Stripe answered 503" in seat.get("/staff/outbox").text


def test_j_control_without_standing_still_the_fault_eats_the_hold(shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeze, "due", lambda *_: False)
    monkeypatch.setattr(lapse, "freeze_one", lambda *_: False)
    monkeypatch.setattr("app.checkout.pay.freeze_one", lambda *_: False)
    _stripe_goes(shop)
    ada = shop.fan()
    ada.press_pay(ada.take())
    shop.live(11 * 60, step=60)
    assert shop.holds()[0].state is not HoldState.ACTIVE


def test_j_control_putting_back_blindly_takes_the_copy_from_who_paid(shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What § 4.4 once allowed: closing holds are put back when the session's time is over, without Stripe's word."""

    def blindly(db: Any, _gateway: Any, clock: Any, attempt_id: int) -> None:
        with transaction(db) as session:
            attempt = session.get(type(shop.attempts()[0]), attempt_id)
            assert attempt is not None
            hold = holds.locked(session, attempt.hold_id)
            assert hold is not None
            attempt.state, attempt.ended_at = AttemptState.FAILED, clock.now()
            holds.put_back(session, hold, clock.now(), claims.MACHINE, "lapsed")

    monkeypatch.setattr(lapse, "_end_session", blindly)
    ada = shop.fan()
    session = ada.session(ada.press_pay(ada.take(2)))
    _stripe_goes(shop)
    shop.live(21 * 60, step=60)
    assert shop.copies == "aaa", "put back, although somebody may pay for them"
    shop.fan("ben").take(2)
    shop.stripe.clear_faults()
    shop.stripe.pay(session)  # at once: reconciling, whenever its back-off lets it, ends a session that nobody waits for
    sync.sync(shop.db, shop.app.extensions["runout"].gateway, shop.clock, shop.attempts()[0].id)
    shop.live(60)
    assert [payment.void_reason for payment in shop.payments()] == ["late"], "who paid in time got nothing"


# K: a stampede


@pytest.fixture
def few_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five a second make the same line with fewer fans."""
    monkeypatch.setattr(line, "SESSIONS_PER_SECOND", 5)


@pytest.mark.usefixtures("few_a_second")
def test_k_who_asked_first_goes_first_and_sees_the_place(db: Any, shop: OpenShop) -> None:
    fans = [(shop.fan(f"fan{number}"), number) for number in range(3)]
    waiting = []
    with all_places_taken(shop.app):
        for fan, _ in fans:
            hold = fan.take()
            assert fan.press_pay(hold).headers["Location"] == hold
            waiting.append((fan, hold))
    places = [re.search(r"You are number (\d+) in line", page(fan, hold).text) for fan, hold in waiting]
    assert [place and place[1] for place in places] == [None, "2", "3"]
    assert "Your copy is held." in page(*waiting[2]).text
    assert waiting[2][0].client.get(waiting[2][1], headers=JSON).json["waiting"] == {"place": 3, "slow": False, "look_in": 2}
    poll = {"HX-Request": "true"}
    fan, hold = waiting[2]
    asks = re.search(r'hx-get="([^"]+)"', page(fan, hold).text)
    assert asks
    assert fan.client.get(asks[1], headers=poll).status_code == 204
    with transaction(shop.db) as session:  # the first one gives up
        first = session.get(type(shop.attempts()[0]), shop.attempts()[0].id)
        assert first is not None
        first.state, first.ended_at = AttemptState.FAILED, shop.clock.now()
    news = fan.client.get(asks[1], headers=poll)
    assert news.status_code == 200
    assert "You are number 2 in line" in news.text
    assert "<html" not in news.text
    shop.work()
    assert [attempt.state for attempt in shop.attempts()] == [AttemptState.FAILED, AttemptState.OPEN, AttemptState.OPEN]
    left = fan.client.get(asks[1], headers=poll)
    assert _payable(left.headers["HX-Redirect"]) == shop.attempts()[2].session_id


def test_k_too_many_requests_are_asked_again_with_the_same_key(shop: OpenShop) -> None:
    shop.stripe.fault("429", CREATE, "POST", times=3)
    ada = shop.fan()
    hold = ada.take()
    assert ada.press_pay(hold).headers["Location"] == hold
    assert shop.attempts()[0].state is AttemptState.WANTED  # nothing happened, so nothing is unclear
    gaps, last = [], shop.clock.now()
    for _ in range(80):
        before = len(shop.asked())
        shop.clock.forward(seconds=0.25)
        shop.work()
        if len(shop.asked()) > before:
            gaps.append((shop.clock.now() - last).total_seconds())
            last = shop.clock.now()
    assert len(shop.asked()) == 4
    assert len(set(shop.asked())) == 1, "the limiter stands before the keys, so the same key is good again"
    assert gaps[0] <= 2.25  # what its own job waits for
    assert all(1 <= gap <= 4.25 for gap in gaps[1:])
    assert not shop.away, "a limit is no outage"
    shop.stripe.pay(_follow(ada, hold))
    shop.live(60)
    assert _settled(shop)


def test_k_captures_do_not_wait_for_the_line(shop: OpenShop, few_a_second: None) -> None:
    """Each endpoint has a bucket of its own at Stripe, and the worker takes money first."""
    shop.stripe.limit(each=1)
    _paid(shop)
    ben = shop.fan("ben")
    with all_places_taken(shop.app):
        ben.press_pay(ben.take())
    shop.clock.forward(seconds=31)
    before = len(shop.stripe.requests())
    shop.live(10, step=1)
    assert _settled(shop)
    paths = [call["path"] for call in shop.stripe.requests()[before:] if call["method"] == "POST"]
    assert any(path.endswith("/capture") for path in paths)
    shop.live(30, step=1)
    assert len(shop.sessions()) == 2


def test_k_control_without_the_line_a_newcomer_overtakes(shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "ahead", lambda *_: 0)
    ada, ben = shop.fan(), shop.fan("ben")
    with all_places_taken(shop.app):
        ada.press_pay(ada.take())
    ben.press_pay(ben.take())
    assert [attempt.state for attempt in shop.attempts()] == [AttemptState.WANTED, AttemptState.OPEN]
    shop.live(5)


def test_k_with_the_line_nobody_overtakes(shop: OpenShop) -> None:
    ada, ben = shop.fan(), shop.fan("ben")
    with all_places_taken(shop.app):
        ada.press_pay(ada.take())
    ben.press_pay(ben.take())
    assert [attempt.state for attempt in shop.attempts()] == [AttemptState.WANTED, AttemptState.WANTED]
    shop.work()
    sent = [call["params"]["metadata"]["attempt"] for call in shop.stripe.requests(method="POST")]
    assert sent == [str(attempt.id) for attempt in shop.attempts()]
