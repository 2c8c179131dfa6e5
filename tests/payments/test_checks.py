"""Checks of key, account, endpoint and clock against the local Stripe: what is wrong is said, and nothing is left behind."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.kernel.checkups import Line, State, worst
from app.payments import clock_check, endpoint_check, key_check
from app.payments.gateway import Gateway, StripeDenied, StripeUnclear
from app.payments.key_check import PROBES
from sandbox import Control, LocalStripe
from tests.cast import NOW


def states(lines: list[Line]) -> list[State]:
    return [line.state for line in lines]


def test_a_good_key_may_do_everything_and_nothing_is_done(gateway: Gateway, stripe_control: Control) -> None:
    lines = key_check.check_key(gateway, live=True)
    assert states(lines) == [State.GOOD, State.GOOD]
    assert states(key_check.check_key(gateway, live=False)) == [State.NOTE, State.GOOD]
    assert [stripe_control.objects(kind) for kind in ("checkout.session", "payment_intent", "refund")] == [[], [], []]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.what)
def test_each_call_that_the_key_may_not_make_is_named(gateway: Gateway, stripe_control: Control, probe: key_check.Probe) -> None:
    stripe_control.fault("403", path=probe.path, method=probe.method.upper())
    [_known, line] = key_check.check_key(gateway, live=True)
    assert (line.state, line.what) == (State.BAD, f"The key may not {probe.what}.")
    assert probe.permission in line.now


def test_a_key_that_stripe_does_not_know(gateway: Gateway, stripe_control: Control) -> None:
    stripe_control.fault("401")
    [line] = key_check.check_key(gateway, live=True)
    assert (line.state, line.copy) == (State.BAD, key_check.SET_KEY)
    assert "sk_" not in line.what + line.now


def test_stripe_does_not_answer(gateway: Gateway, stripe_control: Control) -> None:
    stripe_control.fault("503", times=None)
    with pytest.raises(StripeUnclear) as trouble:
        key_check.check_key(gateway, live=True)
    assert key_check.away(trouble.value).state is State.BAD


def test_the_account_and_what_it_pays_out(gateway: Gateway, stripe_control: Control) -> None:
    assert [line.what for line in key_check.check_account(gateway, ["EUR"])] == ["It belongs to the account “Runout tests”."]
    assert states(key_check.check_account(gateway, ["EUR", "GBP"])) == [State.GOOD, State.NOTE]
    stripe_control.fault("alter", path="/v1/account", changes={"charges_enabled": False})
    assert states(key_check.check_account(gateway, ["EUR"])) == [State.GOOD, State.BAD]
    stripe_control.fault("403", path="/v1/account")
    assert key_check.check_account(gateway, ["EUR"]) == []


def test_an_endpoint_that_is_not_there(gateway: Gateway) -> None:
    [line] = endpoint_check.check_endpoint(gateway, "https://shop.example/webhooks/stripe")
    assert (line.state, line.copy) == (State.BAD, "https://shop.example/webhooks/stripe")


def _listed(control: Control, **changed: object) -> None:
    found = {"url": "https://shop.example/webhooks/stripe", "status": "enabled", "enabled_events": ["*"]}
    found |= {"api_version": endpoint_check.VERSION, **changed}
    control.fault("alter", path="/v1/webhook_endpoints", changes={"data": [found]})


@pytest.mark.parametrize(
    ("changed", "state", "word"),
    [
        ({}, State.GOOD, "all events"),
        ({"url": "https://shop.example/webhooks/stripe/"}, State.GOOD, "all events"),
        ({"enabled_events": list(endpoint_check.EVENTS)}, State.GOOD, "all events"),
        ({"status": "disabled"}, State.BAD, "switched off"),
        ({"enabled_events": [each for each in endpoint_check.EVENTS if each != "refund.failed"]}, State.BAD, "refund.failed"),
        ({"enabled_events": []}, State.BAD, "16 kinds"),
        ({"api_version": "2020-01-01"}, State.NOTE, "2020-01-01"),
        ({"url": "https://other.example/webhooks/stripe"}, State.BAD, "no endpoint"),
    ],
)
def test_an_endpoint_as_stripe_has_it(
    gateway: Gateway, stripe_control: Control, changed: dict[str, object], state: State, word: str
) -> None:
    _listed(stripe_control, **changed)
    [line] = endpoint_check.check_endpoint(gateway, "https://shop.example/webhooks/stripe")
    assert (line.state, word in line.what) == (state, True)


def test_a_key_that_may_not_look_at_endpoints_is_fine(gateway: Gateway, stripe_control: Control) -> None:
    stripe_control.fault("403", path="/v1/webhook_endpoints")
    assert endpoint_check.check_endpoint(gateway, "https://shop.example/webhooks/stripe") == []


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_the_message_is_of_a_page_that_nobody_can_pay(gateway: Gateway, local_stripe: LocalStripe, currency: str) -> None:
    made = endpoint_check.ask_for_message(gateway, currency, "https://shop.example", "key-1", NOW)
    [session] = local_stripe.control.objects("checkout.session")
    assert (session["id"], session["status"], session["metadata"]) == (made, "expired", {"runout": "check"})
    assert gateway.sessions("runout-tests", NOW - timedelta(days=1), NOW + timedelta(days=1)) == []


def test_a_page_that_the_key_may_not_make(gateway: Gateway, stripe_control: Control) -> None:
    stripe_control.fault("403", method="POST", path="/v1/checkout/sessions")
    with pytest.raises(StripeDenied) as no:
        endpoint_check.ask_for_message(gateway, "EUR", "https://shop.example", "key-1", NOW)
    assert "Checkout Sessions: write" in endpoint_check.refused(no.value, "EUR").now


def _date(at: datetime) -> str:
    return format_datetime(at.replace(microsecond=0), usegmt=True)


@pytest.mark.parametrize(
    ("off", "state", "words"),
    [
        (0.0, State.GOOD, "agree"),
        (0.9, State.GOOD, "agree"),
        (-2.0, State.GOOD, "agree"),
        (-12.0, State.NOTE, "12 seconds behind"),
        (14.0, State.NOTE, "ahead of"),
        (-45.0, State.BAD, "45 seconds behind"),
        (-3600.0, State.BAD, "60 minutes behind"),
        (3600.0, State.BAD, "60 minutes ahead of"),
    ],
)
def test_a_clock_against_stripes(off: float, state: State, words: str) -> None:
    ours = NOW + timedelta(seconds=off)
    line = clock_check.judged(ours, ours, _date(NOW))
    assert (line.state, words in line.what) == (state, True)


def test_a_slow_answer_says_nothing_against_the_clock() -> None:
    assert clock_check.judged(NOW, NOW + timedelta(seconds=9), _date(NOW + timedelta(seconds=5))).state is State.GOOD
    assert clock_check.judged(NOW, NOW, "yesterday").state is State.NOTE


def test_the_clock_of_this_machine(gateway: Gateway) -> None:
    """The local Stripe runs on the same machine, so they agree, however far the shop's own clock is moved."""
    assert clock_check.check_clock(gateway, lambda: datetime.now(UTC)).state is State.GOOD


def test_the_worst_counts() -> None:
    assert worst([]) is State.GOOD
    assert worst([Line(State.NOTE, ""), Line(State.BAD, ""), Line(State.GOOD, "")]) is State.BAD
