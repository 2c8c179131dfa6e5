"""Stripe is asked no faster than it answers: who comes early waits a little, who would wait long is told how long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.payments import pace
from app.payments.gateway import StripeBusy, open_gateway
from app.payments.pace import Pace


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now, self._lock = 1000.0, threading.Lock()
        patch.setattr(pace.time, "monotonic", lambda: self.now)
        patch.setattr(pace.time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


def test_after_a_rest_a_second_s_worth_goes_at_once_and_then_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, turns = Clock(monkeypatch), Pace()
    for _ in range(48):
        turns.wait("fetch")
    clock.now += 10
    begun = clock.now
    assert [turns.wait("fetch") for _ in range(24)] == [None] * 24
    assert clock.now == begun
    for _ in range(48):
        turns.wait("fetch")
    assert clock.now - begun == pytest.approx(2.0, abs=0.1)


def test_an_account_for_which_stripe_has_raised_its_limit_waits_less(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, turns = Clock(monkeypatch), Pace(101)
    begun = clock.now
    for _ in range(300):
        turns.wait("fetch")
    assert clock.now - begun == pytest.approx(2.0, abs=0.1)


def test_endpoints_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, turns = Clock(monkeypatch), Pace()
    for _ in range(100):
        turns.wait("fetch")
    late = clock.now
    assert turns.wait("capture") is None
    assert clock.now == late


def test_a_long_line_is_not_joined_and_the_call_says_when_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "LONGEST", 0.1)
    gateway = open_gateway("sk_test_x", "http://127.0.0.1:9", per_second=3)
    assert [gateway.pace.wait("fetch session") for _ in range(2)] == [None, None]
    with pytest.raises(StripeBusy) as busy:
        gateway.fetch_session("cs_test_x")
    assert busy.value.seconds == pytest.approx(0.5, abs=0.1)


def test_many_threads_take_a_turn_each() -> None:
    turns, begun = Pace(201), time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: turns.wait("fetch"), range(200 + 40)))
    assert time.monotonic() - begun >= 0.19
