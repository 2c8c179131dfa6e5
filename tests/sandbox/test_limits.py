"""Rate limits: token buckets per endpoint and for the account, on the sandbox's clock."""

import pytest
import stripe

from sandbox import Clock
from sandbox.rates import Rates
from tests.sandbox.builders import session_params


class Now:
    """A clock that goes when it is told."""

    def __init__(self):
        self.at = 1000.0

    def clock(self):
        """The clock."""
        return Clock(base=lambda: self.at)


def test_a_burst_and_then_the_rate():
    now = Now()
    rates = Rates(now.clock(), each=25)
    assert [rates.take("a") for _ in range(26)] == [None] * 25 + ["endpoint-rate"]
    now.at += 0.2
    assert [rates.take("a") for _ in range(6)] == [None] * 5 + ["endpoint-rate"]
    now.at += 100
    assert [rates.take("a") for _ in range(26)] == [None] * 25 + ["endpoint-rate"]


def test_each_endpoint_has_its_own():
    rates = Rates(Now().clock(), each=1)
    assert [rates.take("a"), rates.take("b"), rates.take("a")] == [None, None, "endpoint-rate"]


def test_the_account_as_a_whole():
    rates = Rates(Now().clock(), each=2, total=3)
    assert [rates.take(name) for name in "aabb"] == [None, None, None, "global-rate"]


def test_a_clock_set_back_neither_fills_nor_blocks():
    now = Now()
    rates = Rates(now.clock(), each=1)
    assert rates.take("a") is None
    now.at -= 500
    assert rates.take("a") == "endpoint-rate"
    now.at += 1
    assert rates.take("a") is None


def test_off_unless_asked_for():
    rates = Rates(Now().clock())
    assert {rates.take("a") for _ in range(1000)} == {None}


def test_over_the_api(client, control, session):
    control.limit(2)
    control.set_clock(control.now())
    for _ in range(2):
        client.v1.balance.retrieve()
    with pytest.raises(stripe.RateLimitError) as caught:
        for _ in range(20):
            client.v1.balance.retrieve()
    assert caught.value.http_status == 429
    assert (caught.value.error.code, caught.value.error.type) == ("rate_limit", "invalid_request_error")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    control.advance(60)
    client.v1.balance.retrieve()
    control.limit(0)
    for _ in range(10):
        client.v1.balance.retrieve()


def test_a_refused_call_leaves_its_key_unused(client, control):
    control.limit(1)
    params = session_params()
    client.v1.checkout.sessions.create(params, {"idempotency_key": "a"})
    with pytest.raises(stripe.RateLimitError):
        for number in range(20):
            client.v1.checkout.sessions.create(params, {"idempotency_key": f"b{number}"})
    refused = control.requests(path="/v1/checkout/sessions")[-1]["idempotency_key"]
    control.advance(60)
    again = client.v1.checkout.sessions.create(params, {"idempotency_key": refused})
    assert again.last_response.headers.get("Idempotent-Replayed") is None


def test_replays_are_counted_too(client, control):
    """The limiter stands before the idempotency keys."""
    params = session_params()
    client.v1.checkout.sessions.create(params, {"idempotency_key": "a"})
    control.limit(1)
    with pytest.raises(stripe.RateLimitError):
        for _ in range(20):
            client.v1.checkout.sessions.create(params, {"idempotency_key": "a"})
