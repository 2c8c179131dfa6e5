"""Capture and void: idempotent, each in the end once, and unclear answers are tried again."""

import pytest

from app.checkout import capture, sync
from app.payments.gateway import Gateway, StripeTrouble, StripeUnclear, open_gateway
from app.payments.states import PaymentState
from tests.builders import open_drop, take_with_details
from tests.story import Story


@pytest.fixture
def payment(story: Story) -> int:
    """An authorised payment with an order, by its id."""
    drop, run = open_drop(story.db)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    sync.sync(story.db, story.gateway, story.clock, attempt.id)
    return story.payments()[0].id


def _captures(story: Story) -> int:
    return len([r for r in story.stripe.requests(method="POST") if r["path"].endswith("/capture")])


def test_money_is_taken_once(story: Story, payment: int) -> None:
    for _ in range(2):
        capture.capture(story.db, story.gateway, story.clock, payment)
    [found] = story.payments()
    assert (found.state, found.ended_at, _captures(story)) == (PaymentState.CAPTURED, story.clock.now(), 1)
    assert story.letters("mail.confirmed") == 1


def test_an_answer_that_was_lost_is_asked_for_again(story: Story, payment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Gateway.capture

    def lost(self: Gateway, intent: str, key: str, metadata: dict[str, str]) -> None:
        taken(self, intent, key, metadata)
        raise StripeUnclear("cut off")

    with monkeypatch.context() as patched:
        patched.setattr(Gateway, "capture", lost)
        with pytest.raises(StripeUnclear):
            capture.capture(story.db, story.gateway, story.clock, payment)
    assert (story.payments()[0].state, story.letters("mail.confirmed")) == (PaymentState.AUTHORISED, 0)
    story.clock.forward(seconds=5)
    capture.capture(story.db, story.gateway, story.clock, payment)
    assert (story.payments()[0].state, story.letters("mail.confirmed")) == (PaymentState.CAPTURED, 1)


def test_a_silent_stripe_leaves_it_authorised(story: Story, payment: int) -> None:
    lonely = open_gateway("sk_test_x", "http://127.0.0.1:9")
    with pytest.raises(StripeTrouble):
        capture.capture(story.db, lonely, story.clock, payment)
    lonely.client._requestor._client.close()
    assert story.payments()[0].state is PaymentState.AUTHORISED


def test_what_has_an_order_is_not_voided(story: Story, payment: int) -> None:
    capture.void(story.db, story.gateway, story.clock, payment)
    assert story.payments()[0].state is PaymentState.AUTHORISED
    assert story.intent(story.attempt(1).session_id) == "requires_capture"


@pytest.mark.parametrize("deed", [capture.capture, capture.void])
def test_an_unknown_payment_is_nothing_to_do(story: Story, deed: object) -> None:
    deed(story.db, story.gateway, story.clock, 4711)  # type: ignore[operator]
    assert story.stripe.requests() == []
