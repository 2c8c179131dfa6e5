"""Reconciling with Stripe's own record: what differs is found, healed by the ordinary verbs, or said for a person to decide."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import delete, select, update

from app.accounts.roles import Role
from app.checkout import marks, reconcile, settle
from app.checkout.differences import BY_ITSELF, Difference, Kind
from app.checkout.healing import EVERY_ONE
from app.checkout.house import House
from app.kernel.db import reading, transaction
from app.kernel.heartbeat import Heartbeat
from app.orders import placing
from app.orders.models import LostNumber, Order, OrderState
from app.payments import unresolved
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState, PaymentState
from app.privacy import again, record
from app.privacy.models import ErasureState
from tests.builders import make_code
from tests.cast import SHOP, TOKENS
from tests.flows.lost import Rows, lose_since, snapshot
from tests.flows.open_shop import OpenShop
from tests.staff.seat import make_staff, sit_down

DAY = timedelta(days=1)
DECLINED = "4000000000000002"


def _house(shop: OpenShop) -> House:
    house: House = shop.app.extensions["runout"]
    return house


def _reconcile(shop: OpenShop, heal: frozenset[Kind] = frozenset(), back: timedelta = DAY) -> reconcile.Reconciled:
    now = shop.clock.now()
    house = _house(shop)
    return reconcile.reconcile(shop.db, house.gateway, shop.clock, SHOP, now - back, now, heal=heal)


def _kinds(differences: tuple[Difference, ...]) -> list[Kind]:
    return [difference.kind for difference in differences]


def _bought(shop: OpenShop, name: str = "ada", quantity: int = 1) -> str:
    """A fan buys, and it is all done; the path of their order."""
    fan = shop.fan(name)
    hold = fan.take(quantity)
    fan.buy(hold)
    shop.live(50)
    return fan.order(hold)


def _command(shop: OpenShop, *args: str) -> Result:
    """`flask reconcile`, as typed."""
    with shop.app.app_context():
        return shop.app.test_cli_runner().invoke(args=["reconcile", *args])


def test_on_a_good_day_there_is_nothing(shop: OpenShop) -> None:
    _bought(shop)
    ada = shop.fan()
    ada.press_pay(ada.take())
    shop.live(150)
    assert _reconcile(shop) == reconcile.Reconciled((), ())
    done = _command(shop)
    assert (done.exit_code, done.output) == (0, "2026-11-24 19:03 to 2026-11-27 19:03 UTC: 0 healed, 0 different.\n")


def test_what_is_on_its_way_is_no_difference(shop: OpenShop) -> None:
    ada = shop.fan()
    ada.buy(ada.take())
    assert _reconcile(shop).left == ()


# What we are behind with


def _paid_unheard(shop: OpenShop) -> str:
    ada = shop.fan()
    session = ada.buy(ada.take())
    shop.clock.forward(minutes=5)
    return session


def test_paid_and_never_heard_of(shop: OpenShop) -> None:
    _paid_unheard(shop)
    [found] = _reconcile(shop).left
    assert (found.kind, found.reference, found.amount and found.amount.amount) == (Kind.UNSETTLED, "attempt 1", 2595)
    assert found.what == "It was paid at Stripe, and the attempt is open here."
    told = _command(shop, "--since", "2026-11-27")
    assert told.exit_code == 1
    assert "attempt 1, €25.95, 2026-11-27 19:00 UTC: It was paid at Stripe" in told.output
    assert "--heal asks Stripe now and settles it" in told.output
    assert "ada" not in told.output.lower()
    healed = _command(shop, "--heal")
    assert (healed.exit_code, healed.output.startswith("healed: pi_")) == (0, True)
    assert [payment.state for payment in shop.payments()] == [PaymentState.CAPTURED]
    assert shop.intents() == ["succeeded"]


def test_what_ended_there_and_not_here(shop: OpenShop) -> None:
    ada = shop.fan()
    session = ada.session(ada.press_pay(ada.take()))
    _house(shop).gateway.expire_session(session)
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, BY_ITSELF)
    assert (_kinds(done.healed), done.left) == ([Kind.UNSETTLED], ())
    assert [attempt.state for attempt in shop.attempts()] == [AttemptState.EXPIRED]


def test_a_page_we_do_not_know_of(shop: OpenShop) -> None:
    ada = shop.fan()
    ada.press_pay(ada.take())
    with transaction(shop.db) as session:
        session.execute(update(CheckoutAttempt).values(state=AttemptState.UNKNOWN, session_id=None, url=None))
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, BY_ITSELF)
    assert (_kinds(done.healed), done.left) == ([Kind.UNSETTLED], ())
    assert shop.attempts()[0].session_id == shop.sessions()[0]


def test_a_page_that_should_be_shut(shop: OpenShop) -> None:
    ada = shop.fan()
    session = ada.session(ada.press_pay(ada.take()))
    with transaction(shop.db) as db:  # it is believed to have failed
        db.execute(update(CheckoutAttempt).values(state=AttemptState.FAILED, ended_at=shop.clock.now()))
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, BY_ITSELF)
    assert (_kinds(done.healed), done.left, shop.sessions("expired")) == ([Kind.STILL_OPEN], (), [session])


def test_money_that_waits(shop: OpenShop) -> None:
    session = _paid_unheard(shop)
    with transaction(shop.db) as db:
        settle.settle(db, 1, _house(shop).gateway.fetch_session(session), shop.clock.now())
    assert shop.lose_jobs(settle.CAPTURE) == 1
    [found] = _reconcile(shop).left
    assert (found.kind, found.reference) == (Kind.UNSETTLED, "order 00001")
    assert found.what == "At Stripe the money is promised, and here it is authorised."
    assert _reconcile(shop, BY_ITSELF).left == ()
    assert shop.intents() == ["succeeded"]


def test_a_refund_begun_in_the_dashboard(shop: OpenShop) -> None:
    _bought(shop)
    [intent] = shop.stripe.objects("payment_intent")
    shop.stripe.refund(intent["id"], 500)
    shop.clock.forward(minutes=5)
    [found] = _reconcile(shop).left
    assert (found.kind, found.about, found.reference) == (Kind.MONEY_BACK, intent["id"], "order 00001")
    assert _reconcile(shop, BY_ITSELF).left == ()


def test_a_dispute(shop: OpenShop) -> None:
    _bought(shop)
    [intent] = shop.stripe.objects("payment_intent")
    shop.stripe.dispute(intent["id"])
    shop.clock.forward(minutes=5)
    assert _kinds(_reconcile(shop).left) == [Kind.MONEY_BACK]
    assert _reconcile(shop, BY_ITSELF).left == ()


# What only a person can decide


def _contradict(shop: OpenShop, **values: Any) -> tuple[Difference, ...]:
    _bought(shop)
    with transaction(shop.db) as session:
        session.execute(update(Payment).values(**values))
    shop.clock.forward(minutes=5)
    return _reconcile(shop, EVERY_ONE).left


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"state": PaymentState.VOIDED}, "At Stripe the money is taken, and here it is voided."),
        ({"amount": 2594}, "Stripe took €25.95, and here it is €25.94."),
    ],
)
def test_two_records_that_contradict_each_other(shop: OpenShop, values: dict[str, Any], what: str) -> None:
    [left] = _contradict(shop, **values)
    assert (left.kind, left.what, left.reference) == (Kind.CONTRADICTED, what, "order 00001")
    assert left.todo.startswith("Look at the payment in Stripe's dashboard")


def test_money_that_stripe_knows_nothing_of(shop: OpenShop) -> None:
    _bought(shop)
    shop.local.forget()
    [left] = _reconcile(shop, EVERY_ONE).left
    assert (left.kind, left.reference) == (Kind.NOT_AT_STRIPE, "order 00001")
    assert left.what == "Stripe has no record of this payment, which is captured here."


# After a restore


def test_an_order_that_was_lost_is_made_again(shop: OpenShop) -> None:
    """Its number, its copies and its link are those that the fan has in their mail, and no second mail goes out."""
    _bought(shop)
    kept = snapshot(shop.db)
    ben = shop.fan("ben")
    hold = ben.take(2)
    ben.buy(hold)
    shop.live(50)
    order = ben.order(hold)
    before = [(each.id, each.number, each.total_amount, each.email, each.line1) for each in shop.orders()]
    letters = len(shop.postbox.letters)
    assert shop.copies == "sss"

    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    assert (shop.copies, ben.client.get(order).status_code) == ("saa", 404)
    told = _command(shop, "--since", "2026-11-27")
    assert told.exit_code == 1
    assert "order 00002, €49.95" in told.output
    assert "This money was taken, and there is no order here for it. Copies: Mira Vale – Night Bus" in told.output
    assert "Stripe has seen order 00002, and the next one here would be 00002." in told.output
    healed = _command(shop, "--since", "2026-11-27", "--heal")
    assert healed.exit_code == 0, healed.output
    assert [(each.id, each.number, each.total_amount, each.email, each.line1) for each in shop.orders()] == before
    assert ben.client.get(order).status_code == 200
    assert shop.copies == "sss"
    assert [payment.state for payment in shop.payments()] == [PaymentState.CAPTURED] * 2
    shop.live(60)
    assert len(shop.postbox.letters) == letters, "who was told is not told again"
    _next_order_gets(shop, 3)


@pytest.mark.parametrize("known", [True, False], ids=["the record is there", "it is not"])
def test_an_order_made_again_does_not_bring_back_who_was_erased(shop: OpenShop, known: bool) -> None:
    """Stripe still knows them; what was erased here since is known by the hold's id and the session's."""
    _bought(shop)
    kept = snapshot(shop.db)
    ben = shop.fan("ben")
    hold = ben.take(2)
    ben.buy(hold)
    shop.live(50)
    order = next(each for each in shop.orders() if each.email.startswith("ben"))
    refs = [f"hold:{order.hold_id}", next(each.session_id for each in shop.attempts() if each.hold_id == order.hold_id)]
    lose_since(shop.db, kept)
    shop.die()
    now = shop.clock.forward(minutes=5)
    entry = record.Entry(1, 1, "0" * 32, ErasureState.DONE, now.isoformat(), now.isoformat(), tuple(refs))
    with transaction(shop.db) as session:
        again.erase_again(session, [entry] if known else [], TOKENS, now)
    assert _command(shop, "--since", "2026-11-27", "--heal").exit_code == 0
    made = next(each for each in shop.orders() if each.number == 2)
    assert (made.id, made.total_amount, made.country) == (order.id, order.total_amount, order.country)
    assert shop.copies == "sss"
    if known:
        assert (made.email, made.email_key, made.name, made.line1, made.fan) == ("", "", "", "", f"erased-{order.hold_id}")
    else:
        assert (made.email, made.name, made.line1) == (order.email, order.name, order.line1)


def _next_order_gets(shop: OpenShop, number: int) -> None:
    with reading(shop.db) as session:
        assert placing.last_number(session, 1) == number - 1


def test_money_only_promised_is_taken_for_the_order_that_is_made_again(shop: OpenShop) -> None:
    kept = snapshot(shop.db)
    ada = shop.fan()
    hold = ada.take()
    ada.buy(hold)
    ada.come_back(hold)  # the order stands, and the money is not taken yet
    assert [payment.state for payment in shop.payments()] == [PaymentState.AUTHORISED]
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, EVERY_ONE)
    assert (_kinds(done.healed), done.left) == ([Kind.LOST_AUTHORISED], ())
    assert (shop.intents(), shop.copies) == (["succeeded"], "saa")
    shop.live(5)
    assert len(shop.letters("mail.confirmed")) == 1


@pytest.mark.parametrize("known", [True, False])
def test_an_order_made_again_knows_what_its_code_took_off(shop: OpenShop, known: bool) -> None:
    """Unless the code itself is younger than the backup; what was paid stands either way."""
    if known:
        make_code(shop.db, value=501)
    kept = snapshot(shop.db)
    if not known:
        make_code(shop.db, value=501)
    ada = shop.fan()
    hold = ada.take(2)
    ada.client.post(f"{hold}/details", data=ada.details(code="SPRING"))
    ada.buy(hold)
    shop.live(50)
    [before] = shop.orders()
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    assert _reconcile(shop, EVERY_ONE).left == ()
    with reading(shop.db) as session:
        [order] = session.scalars(select(Order))
        assert (order.id, order.total_amount) == (before.id, before.total_amount)
        assert [(line.unit_amount, line.discount.off if line.discount else 0) for line in order.lines] == [
            (2150, 250 * known),
            (2149, 251 * known),
        ]
        assert (order.coded is not None) is known
    assert shop.copies == "ssa"


def test_a_hold_that_is_there_still_becomes_the_order(shop: OpenShop) -> None:
    """The backup fell between the take and the payment."""
    ada = shop.fan()
    hold = ada.take(2)
    kept = snapshot(shop.db)
    shop.clock.forward(minutes=1)
    ada.buy(hold)
    shop.live(50)
    order = ada.order(hold)
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    assert shop.copies == "hha"
    done = _reconcile(shop, EVERY_ONE)
    assert (_kinds(done.healed), done.left) == ([Kind.LOST_TAKEN, Kind.COUNTER_BEHIND], ())
    assert (shop.copies, ada.client.get(order).status_code) == ("ssa", 200)
    assert ada.client.get(f"{hold}/paid").location == order


def test_a_hold_that_was_changed_before_it_was_paid(shop: OpenShop) -> None:
    ada = shop.fan()
    ada.take(1)
    kept = snapshot(shop.db)
    shop.clock.forward(minutes=1)
    hold = ada.take(3)
    ada.buy(hold)
    shop.live(50)
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, EVERY_ONE)
    assert (done.left, shop.copies) == ((), "sss")


def test_a_hold_that_was_over_makes_room(shop: OpenShop) -> None:
    """Eve walked away, and the copies were sold to Ada: of that the backup knows nothing."""
    shop.fan("eve").take(3)
    kept = snapshot(shop.db)
    shop.live(15 * 60, step=60)
    _bought(shop)
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    assert shop.copies == "hhh"
    done = _reconcile(shop, EVERY_ONE)
    assert (done.left, shop.copies) == ((), "saa")


def test_an_order_whose_payment_page_was_open_in_the_backup(shop: OpenShop) -> None:
    """Its number, its link and its mail are what the fan has seen, whoever else pays in between."""
    ada, cara = shop.fan(), shop.fan("cara")
    hold = ada.take()
    page = ada.session(ada.press_pay(hold))
    other = cara.session(cara.press_pay(cara.take()))
    kept = snapshot(shop.db)
    shop.clock.forward(minutes=1)
    shop.stripe.pay(page)
    shop.live(50)
    order = ada.order(hold)
    _bought(shop, "ben")
    before = [(each.id, each.number, each.email) for each in shop.orders()]
    lose_since(shop.db, kept)
    shop.die()
    shop.stripe.pay(other)
    shop.clock.forward(minutes=5)
    assert _reconcile(shop, EVERY_ONE).left == ()
    assert [(each.id, each.number, each.email) for each in shop.orders()][:2] == before
    assert [(each.number, each.email[:4]) for each in shop.orders()][2:] == [(3, "cara")]
    assert (ada.client.get(order).status_code, shop.copies) == (200, "sss")
    shop.live(60)
    assert len(shop.letters("mail.confirmed")) == 3, "who was told is not told again"


def _keeps_its_number(shop: OpenShop, kept: Rows, other: str, back: timedelta) -> None:
    """The first order is made, lost, and made again under its number, though somebody else has paid meanwhile."""
    shop.live(50)
    before = [(each.id, each.number) for each in shop.orders()]
    lose_since(shop.db, kept)
    shop.die()
    shop.stripe.pay(other)
    shop.clock.forward(minutes=5)
    assert _reconcile(shop, EVERY_ONE, back=back).left == ()
    assert [(each.id, each.number) for each in shop.orders()][:1] == before


def test_an_order_whose_first_card_was_declined_before_the_backup(shop: OpenShop) -> None:
    """Stripe makes the intent with the first card that is tried: it is older than the backup, and its money is not."""
    ada, cara = shop.fan(), shop.fan("cara")
    page = ada.session(ada.press_pay(ada.take()))
    shop.stripe.pay(page, DECLINED)
    other = cara.session(cara.press_pay(cara.take()))
    shop.clock.forward(minutes=1)
    kept = snapshot(shop.db)
    shop.clock.forward(minutes=1)
    shop.stripe.pay(page)
    _keeps_its_number(shop, kept, other, timedelta(minutes=7))


def test_an_order_that_was_paid_before_the_backup_and_made_after_it(shop: OpenShop) -> None:
    """A webhook was on its way when the backup was made."""
    ada, cara = shop.fan(), shop.fan("cara")
    page = ada.session(ada.press_pay(ada.take()))
    other = cara.session(cara.press_pay(cara.take()))
    shop.stripe.pay(page)
    shop.clock.forward(seconds=5)
    kept = snapshot(shop.db)
    _keeps_its_number(shop, kept, other, timedelta(minutes=5, seconds=30))


def test_a_card_that_is_tried_again_is_on_its_way(shop: OpenShop) -> None:
    ada = shop.fan()
    page = ada.session(ada.press_pay(ada.take()))
    shop.stripe.pay(page, DECLINED)
    shop.clock.forward(minutes=3)
    shop.stripe.pay(page)
    assert _reconcile(shop).left == ()


def test_a_hold_whose_first_payment_had_ended(shop: OpenShop) -> None:
    ada = shop.fan()
    hold = ada.take()
    ada.press_pay(hold)
    ada.client.post(f"{hold}/stop-paying")
    kept = snapshot(shop.db)
    shop.clock.forward(minutes=1)
    ada.buy(hold)
    shop.live(50)
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    assert _reconcile(shop, EVERY_ONE).left == ()
    assert [(each.number, each.state) for each in shop.attempts()] == [(1, "expired"), (2, "complete")]


def test_who_holds_them_since_keeps_them(shop: OpenShop) -> None:
    """Keys may come again after a careless restore: Eve's hold has the key of Ada's lost one, and her copies."""
    kept = snapshot(shop.db)
    _bought(shop)
    lose_since(shop.db, kept)
    shop.die()
    shop.fan("eve").take(1)
    shop.clock.forward(minutes=5)
    assert _kinds(_reconcile(shop, EVERY_ONE).left) == [Kind.LOST_TAKEN]
    assert shop.copies == "haa"


def _sold_again(shop: OpenShop) -> None:
    """The copies of the lost order belong to somebody else by now."""
    eve = shop.fan("eve")
    eve.take(3)


def test_copies_that_are_gone_need_a_person(shop: OpenShop) -> None:
    kept = snapshot(shop.db)
    _bought(shop)
    lose_since(shop.db, kept)
    shop.die()
    _sold_again(shop)
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, EVERY_ONE)
    [left] = done.left
    assert (left.kind, left.reference) == (Kind.LOST_TAKEN, "order 00001")
    assert left.what.endswith("It could not be healed: some of its copies are not free any more.")
    assert "a person decides" in left.todo
    assert shop.intents() == ["succeeded"], "to refund is a person's decision"
    _next_order_gets(shop, 2)
    with reading(shop.db) as session:
        assert list(session.scalars(select(LostNumber.number))) == [1]
    shop.stripe.refund(left.about)
    assert _reconcile(shop).left == (), "once it is refunded there is nothing left to decide"


def test_a_promise_without_copies_is_let_go(shop: OpenShop) -> None:
    kept = snapshot(shop.db)
    ada = shop.fan()
    ada.buy(ada.take())
    lose_since(shop.db, kept)
    shop.die()
    _sold_again(shop)
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, EVERY_ONE)
    assert (_kinds(done.healed), done.left, shop.intents()) == ([Kind.LOST_AUTHORISED], (), ["canceled"])
    assert shop.orders() == []


def test_a_page_of_nobody_is_shut(shop: OpenShop) -> None:
    kept = snapshot(shop.db)
    ada = shop.fan()
    ada.press_pay(ada.take())
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    done = _reconcile(shop, EVERY_ONE)
    assert (_kinds(done.healed), done.left) == ([Kind.LOST_OPEN], ())
    assert (shop.sessions("open"), shop.copies) == ([], "aaa")


def _without(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda metadata: {name: value for name, value in metadata.items() if name not in names}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_without("lines"), "it does not say which copies of which drop were sold"),
        (lambda said: said | {"drop": "another"}, "it does not say which copies of which drop were sold"),
        (lambda said: said | {"lines": "77@2400:1"}, "a run in it is not sold in that drop"),
        (lambda said: said | {"lines": "1@999999:1"}, "what was paid is not what these copies cost"),
    ],
)
def test_facts_that_are_too_few(shop: OpenShop, monkeypatch: pytest.MonkeyPatch, change: Any, why: str) -> None:
    kept = snapshot(shop.db)
    monkeypatch.setattr("app.checkout.marks.of_session", _changed(change))
    _bought(shop)
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    left = [each for each in _reconcile(shop, EVERY_ONE).left if each.kind is Kind.LOST_TAKEN]
    assert [each.what.partition("It could not be healed: ")[2] for each in left] == [f"{why}."]
    assert shop.orders() == []


def _changed(change: Callable[[dict[str, str]], dict[str, str]]) -> Any:
    written = marks.of_session
    return lambda *given: change(written(*given))


def test_a_number_that_was_given_again_stays_with_who_has_it(shop: OpenShop) -> None:
    kept = snapshot(shop.db)
    _bought(shop)
    lose_since(shop.db, kept)
    shop.die()
    _bought(shop, "cara")
    assert [order.number for order in shop.orders()] == [1]
    shop.clock.forward(minutes=5)
    left = _reconcile(shop, EVERY_ONE).left
    assert _kinds(left) == [Kind.LOST_TAKEN]  # № 1 is Cara's now, the copy and the order


def test_the_keys_go_on_after_those_that_were_made_again(shop: OpenShop) -> None:
    kept = snapshot(shop.db)
    _bought(shop)
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    assert _reconcile(shop, EVERY_ONE).left == ()
    _bought(shop, "dora")
    assert [order.id for order in shop.orders()] == sorted({order.id for order in shop.orders()})
    assert [order.number for order in shop.orders()] == [1, 2]


# Every night


def _not_compared_today(shop: OpenShop) -> None:
    with transaction(shop.db) as session:
        session.execute(delete(Heartbeat).where(Heartbeat.name == reconcile.RECONCILED))


def test_the_worker_compares_once_a_day_and_lists_what_needs_a_person(shop: OpenShop) -> None:
    _bought(shop)
    _not_compared_today(shop)
    kept = snapshot(shop.db)
    _bought(shop, "ben")
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    shop.work()
    assert [order.number for order in shop.orders()] == [1], "the night makes no order again without somebody who says so"
    seat = sit_down(shop.app, shop.db, make_staff(shop.db, "Sam", {1: Role.MANAGER}))
    assert "2 things differ from Stripe" in seat.get("/staff/").text
    listed = seat.get("/staff/differences").text
    assert "This money was taken, and there is no order here for it." in listed
    assert "order 00002" in listed
    assert "€25.95" in listed
    assert "ben@" not in listed
    jobs = shop.jobs(reconcile.RECONCILE)
    shop.live(60 * 60, step=600)
    assert shop.jobs(reconcile.RECONCILE) == jobs
    shop.clock.forward(hours=23)
    shop.work()
    assert shop.jobs(reconcile.RECONCILE) == jobs + 1


def test_a_person_settles_one_and_says_how(shop: OpenShop) -> None:
    _bought(shop)
    _not_compared_today(shop)
    kept = snapshot(shop.db)
    _bought(shop, "ben")
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    shop.work()
    seat = sit_down(shop.app, shop.db, make_staff(shop.db, "Sam", {1: Role.MANAGER}))
    with reading(shop.db) as session:
        waiting = unresolved.waiting(session)
    taken = next(each for each in waiting if each.kind == Kind.LOST_TAKEN)
    assert seat.post(f"/staff/differences/{taken.id}/settle", {"how": " "}).status_code == 422
    assert seat.post(f"/staff/differences/{taken.id}/settle", {"how": "sent by hand"}).status_code == 303
    assert seat.post(f"/staff/differences/{taken.id}/settle", {"how": "again"}).status_code == 409
    assert seat.post("/staff/differences/4711/settle", {"how": "x"}).status_code == 404
    with reading(shop.db) as session:
        assert [each.kind for each in unresolved.waiting(session)] == [Kind.COUNTER_BEHIND]
    reconcile.nightly(shop.db, _house(shop).gateway, shop.clock, SHOP)
    with reading(shop.db) as session:
        assert unresolved.count(session) == 1, "what was settled is not listed again"


def test_what_is_gone_by_itself_leaves_the_list(shop: OpenShop) -> None:
    kept = snapshot(shop.db)
    _bought(shop)
    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    house = _house(shop)
    reconcile.nightly(shop.db, house.gateway, shop.clock, SHOP)
    with reading(shop.db) as session:
        assert unresolved.count(session) == 2
    now = shop.clock.now()
    reconcile.keep(shop.db, reconcile.Reconciled((), ()), now - 3 * DAY, now - DAY, now)
    with reading(shop.db) as session:
        assert unresolved.count(session) == 2, "of today that comparison says nothing"
    reconcile.keep(shop.db, _reconcile(shop, EVERY_ONE), now - DAY, now, now)
    with reading(shop.db) as session:
        assert unresolved.waiting(session) == []
        assert [order.state for order in session.scalars(select(Order))] == [OrderState.PLACED]


def test_a_silent_stripe_is_no_good_day(shop: OpenShop) -> None:
    shop.stripe.fault("503", times=None)
    done = _command(shop)
    assert done.exit_code == 2
    assert "Stripe cannot be asked" in done.stderr
