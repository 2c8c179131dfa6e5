"""From Stripe's word to the order: how long that takes when many are paid at one moment, and the whole way there and back."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from app.checkout.sync import OWN_ANSWER
from app.inventory.models import Hold
from app.kernel.db import reading
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState
from bench.fans import Answer, Ask, Fans
from bench.figures import milliseconds
from bench.people import GOOD
from bench.rig import Shop
from bench.say import say
from bench.stand import TOTAL, Stall, make_stall, post, take
from bench.story import token_of

STRIPE_MS = 300
SIDE_BY_SIDE = 8
KEEP = 2048
GIVE_UP = 180.0  # seconds for anything here


class TooLong(Exception):
    """Something did not come about in time; the message says how far it was."""


@dataclass(frozen=True)
class Settled:
    """So many orders came of so many payments in so many seconds from the first webhook; CPU in seconds."""

    payments: int
    seconds: float
    cpu: float
    database_cpu: float
    webhook_ms: dict[str, float]
    webhooks_refused: int

    @property
    def rate(self) -> float:
        """Orders a second."""
        return self.payments / self.seconds


def many_at_once(rig: Shop, fans: Fans, count: int) -> Settled:
    """So many are paid while no webhook leaves Stripe; then all leave, while Stripe takes its time to answer the shop."""
    at_rest(rig)
    rig.flush()
    say(f"{rig.kind}: {count:,} payments, whose webhooks come at once")
    stall = make_stall(rig.db, rig.now(), count, hold_minutes=60)
    tokens = taken(rig, fans, stall, count)
    sessions = gone_to_pay(rig, fans, stall, tokens)
    with held_back(rig):
        paid_for(rig, sessions)
        rule = rig.control.fault("latency", seconds=STRIPE_MS / 1000, times=None)
        try:
            return released(rig, stall, count)
        finally:
            rig.control.clear_faults(str(rule["id"]))


def at_rest(rig: Shop) -> None:
    """Wait until the worker has done all that comes of what was, so that nobody else pays for it."""
    open_ = select(func.count(Job.id)).where(Job.state.in_((JobState.WAITING, JobState.LEASED)))

    def left() -> int:
        with reading(rig.db) as session:
            return session.scalar(open_.where(Job.run_at <= rig.now() + OWN_ANSWER)) or 0

    end = time.monotonic() + GIVE_UP
    while jobs := left():
        if time.monotonic() > end:
            raise TooLong(f"{jobs} jobs of before are still not done")
        time.sleep(0.1)  # between two looks


@contextmanager
def held_back(rig: Shop) -> Iterator[None]:
    """Webhooks stay at Stripe until they are released."""
    rig.control.webhooks("hold")
    try:
        yield
    finally:
        rig.control.webhooks("deliver")


def taken(rig: Shop, fans: Fans, stall: Stall, count: int) -> list[str]:
    """Holds of so many fans; their tokens."""
    asks = [Ask(0, who % 32, take(rig.host, stall, who * 256, json=True), KEEP, 3) for who in range(count)]
    came = fans.race(int(rig.port), asks, GIVE_UP, cycle=False)
    tokens = [token_of(answer) for answer in came.answers if answer.status == 201]
    if len(tokens) < count:
        raise TooLong(f"only {len(tokens)} of {count} fans got a copy: {_statuses(came.answers)}")
    return [token for token in tokens if token]


def gone_to_pay(rig: Shop, fans: Fans, stall: Stall, tokens: list[str]) -> list[str]:
    """The sessions at Stripe, once all are made; at most twenty a second are, by design."""
    forms = ({"email": f"fan{n}@example.org", "country": "DE", "shown": str(TOTAL)} for n in range(len(tokens)))
    asks = [
        Ask(0, n % 16, post(rig.host, f"/holds/{token}/checkout", form, n * 256, json=True), KEEP, 3)
        for n, (token, form) in enumerate(zip(tokens, forms, strict=True))
    ]
    came = fans.race(int(rig.port), asks, GIVE_UP, cycle=False)
    if any(answer.status not in {200, 202} for answer in came.answers):
        raise TooLong(f"not everybody could go to pay: {_statuses(came.answers)}")
    wanted = (
        select(CheckoutAttempt.session_id)
        .join(Hold, Hold.id == CheckoutAttempt.hold_id)
        .where(Hold.drop_id == stall.drop_id, CheckoutAttempt.state == AttemptState.OPEN)
    )

    def made() -> list[str]:
        with reading(rig.db) as session:
            return [id_ for id_ in session.scalars(wanted) if id_]

    until(lambda: len(made()), len(tokens), "sessions at Stripe")
    return made()


def paid_for(rig: Shop, sessions: list[str]) -> None:
    """Everybody pays at Stripe."""

    def pay(session: str) -> str:
        return str(rig.pay(session, GOOD, email="fan@example.org", name="Fan")["outcome"])

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = set(pool.map(pay, sessions))
    if outcomes != {"complete"}:
        raise TooLong(f"not everybody could pay: {outcomes}")


def released(rig: Shop, stall: Stall, count: int) -> Settled:
    """Send all webhooks and wait for the orders; what was settled before, as the shop asked by itself, does not count."""
    before, cpu, base, seen = orders(rig, stall), rig.whole_cpu(), rig.database_cpu(), rig.control.now()
    begun = time.monotonic()
    rig.control.webhooks("deliver")  # what comes of these goes out at once
    rig.control.flush()
    until(lambda: orders(rig, stall), count, "orders")
    took = time.monotonic() - begun
    cpu, base = rig.whole_cpu() - cpu, rig.database_cpu() - base
    attempts = [each for delivery in rig.control.deliveries() for each in delivery["attempts"] if each["at"] >= seen]
    refused = sum(each["status"] != 200 for each in attempts)
    return Settled(count - before, took, cpu, base, milliseconds(each["ms"] / 1000 for each in attempts), refused)


def orders(rig: Shop, stall: Stall) -> int:
    """How many there are of a drop."""
    with reading(rig.db) as session:
        return session.scalar(select(func.count(Order.id)).where(Order.drop_id == stall.drop_id)) or 0


def until(count: Callable[[], int], wanted: int, what: str) -> None:
    """Wait for so many; TooLong when they do not come."""
    end = time.monotonic() + GIVE_UP
    while (found := count()) < wanted:
        if time.monotonic() > end:
            raise TooLong(f"only {found} of {wanted} {what} after {GIVE_UP:.0f} s")
        time.sleep(0.02)


def _statuses(answers: list[Answer]) -> dict[int, int]:
    return {status: sum(a.status == status for a in answers) for status in {a.status for a in answers}}
