"""What Stripe kept: known with the capture, asked for where it is not, never given back with a refund, more for a dispute."""

import pytest
from sqlalchemy import delete, func, select

from app.checkout import fees
from app.checkout.parts import Plan
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments.fee_models import FeePart, FeeWanted, PaymentFee
from app.payments.gateway import Gateway, StripeBusy, StripeRefused, open_gateway
from app.payments.models import Fate, Payment
from sandbox import LocalStripe, Options
from tests.builders import open_drop, paid_order
from tests.cast import StoppedClock
from tests.giving import all_of, asked_and_done
from tests.site import WEBHOOK_SECRET
from tests.story import Story


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's order of two copies at 24.00 and postage of 1.95, of which Stripe keeps 15 in 1000 and a quarter."""
    drop, run = open_drop(story.db, size=3)
    order = story.buy(drop, {run: 2})
    _ask_after_the_rush(story)
    return order


def _ask_after_the_rush(story: Story) -> None:
    """What the worker does by itself, ten minutes after the money was taken."""
    assert not _due(story)
    story.clock.forward(minutes=11)
    assert _due(story)
    story.work()


def _fees(story: Story) -> list[tuple[int, int, str, bool]]:
    """Amount, what Stripe kept in its currency, and whether it was for a dispute."""
    with reading(story.db) as session:
        rows = session.scalars(select(PaymentFee).order_by(PaymentFee.id))
        return [(row.amount, row.kept, row.kept_currency, row.dispute_id is not None) for row in rows]


def _parts(story: Story) -> list[int]:
    with reading(story.db) as session:
        return list(session.scalars(select(FeePart.amount).order_by(FeePart.fee_id)))


def _wanted(story: Story) -> list[tuple[int, int]]:
    with reading(story.db) as session:
        return [(row.payment_id, row.tries) for row in session.scalars(select(FeeWanted).order_by(FeeWanted.payment_id))]


def _forget(story: Story) -> None:
    """As if the payment had been taken before anybody asked for fees."""
    with transaction(story.db) as session:
        session.execute(delete(FeePart))
        session.execute(delete(PaymentFee))
        session.add(FeeWanted(payment_id=1))


def _due(story: Story) -> bool:
    with transaction(story.db) as session:
        return fees.due(session, story.clock.now())


def test_what_was_kept_is_asked_for_by_itself(story: Story, bought: Order) -> None:
    assert bought.total_amount == 4995
    fee = 4995 * 15 // 1000 + 25
    assert _fees(story) == [(fee, fee, "EUR", False)]
    [kept] = [moved["fee"] for moved in story.stripe.objects("balance_transaction")]
    assert (kept, _wanted(story)) == (fee, [])
    assert _parts(story) == [round(fee * 4800 / 4995)]  # the rest falls on the postage
    assert not _due(story)


def test_an_old_payment_is_asked_about(story: Story, bought: Order) -> None:
    before = _fees(story)
    _forget(story)
    assert _due(story)
    assert story.work() == 1
    assert (_fees(story), _wanted(story), _due(story)) == (before, [], False)
    assert len(_parts(story)) == 1


def test_what_stripe_does_not_know_yet_is_asked_again_later(story: Story, bought: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(story)
    with monkeypatch.context() as patched:
        patched.setattr(Gateway, "fetch_fee", Gateway.fetch_intent)  # the same answer without what the charge moved
        assert _due(story)
        story.work()
    assert (_fees(story), _wanted(story), _due(story)) == ([], [(1, 1)], False)
    story.post()
    story.clock.forward(hours=7)
    assert _due(story)
    story.work()
    assert (len(_fees(story)), _wanted(story)) == (1, [])


def test_a_payment_that_stripe_does_not_know_keeps_nobody_waiting(story: Story, bought: Order) -> None:
    """As after a restore with another account's key: the others are asked about all the same."""
    with transaction(story.db) as session:
        session.get_one(Payment, 1).intent_id = "pi_of_another_account"
    _forget(story)
    paid_order(story.db, bought.drop_id, {1: 1}, now=story.clock.now())  # nobody paid this at the local Stripe
    story.clock.forward(minutes=11)
    assert _due(story)
    story.work()
    assert (_fees(story), _wanted(story)) == ([], [(1, 1), (2, 1)])


@pytest.mark.parametrize("trouble", [StripeBusy("slow down", seconds=9), StripeRefused("the key may not", "permission")])
def test_a_trouble_puts_the_rest_off(story: Story, bought: Order, monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    def refuse(_self: Gateway, _intent: str) -> None:
        raise trouble

    _forget(story)
    monkeypatch.setattr(Gateway, "fetch_fee", refuse)
    with pytest.raises(type(trouble)):
        fees.ask(story.db, story.gateway, story.clock)
    assert (_fees(story), _wanted(story)) == ([], [(1, 0)])


def test_a_refund_gives_no_fee_back(story: Story, bought: Order) -> None:
    before = _fees(story)
    asked_and_done(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), postage=True), 4995)
    story.work()
    assert _fees(story) == before


def test_a_dispute_costs_a_fee_of_its_own(story: Story, bought: Order) -> None:
    [(fee, *_)] = _fees(story)
    opened = story.stripe.dispute(story.intent_id(bought.id))
    assert story.hears(bought.id, "charge.dispute.created")
    story.work()
    story.stripe.end_dispute(opened["id"], "win")
    assert story.hears(bought.id, "charge.dispute.closed", "evt_closed")
    story.work()
    assert _fees(story) == [(fee, fee, "EUR", False), (2000, 2000, "EUR", True)]
    assert sum(_parts(story)) == round(fee * 4800 / 4995) + round(2000 * 4800 / 4995)


def test_the_fee_of_an_old_dispute_comes_with_that_of_its_payment(story: Story, bought: Order) -> None:
    story.stripe.dispute(story.intent_id(bought.id))
    assert story.hears(bought.id, "charge.dispute.created")
    story.work()
    before = sorted(_fees(story))
    _forget(story)
    fees.ask(story.db, story.gateway, story.clock)
    assert sorted(_fees(story)) == before
    assert len(before) == 2


def test_two_jobs_at_once_note_it_once(story: Story, bought: Order) -> None:
    with transaction(story.db) as session:
        session.add(FeeWanted(payment_id=1))  # somebody asked, though it is known
    fees.ask(story.db, story.gateway, story.clock)
    with reading(story.db) as session:
        assert session.scalar(select(func.count()).select_from(PaymentFee)) == 1
    assert _wanted(story) == []


def test_an_account_in_another_currency_keeps_its_own(db: Database, clock: StoppedClock) -> None:
    """A label in pounds whose Stripe account is in euros: the fee is shown in pounds, and kept as Stripe has it."""
    options = Options(webhook_secret=WEBHOOK_SECRET, control_token="let me in", exchange={"gbp": 1.17}, seed=7)
    with LocalStripe(options) as abroad:
        abroad.control.set_clock(clock.now().timestamp())
        gateway = open_gateway("sk_test_the_tests_own_key", abroad.url)
        story = Story(db, gateway, clock, abroad.control)
        drop, run = open_drop(db, size=3, currency="GBP")
        story.buy(drop, {run: 1})
        _ask_after_the_rush(story)
        [moved] = abroad.control.objects("balance_transaction")
        gateway.client._requestor._client.close()
    assert (moved["amount"], moved["currency"], moved["exchange_rate"]) == (3036, "eur", 1.17)
    assert moved["fee"] == 3036 * 15 // 1000 + 25
    assert _fees(story) == [(round(moved["fee"] * 2595 / 3036), moved["fee"], "EUR", False)]
