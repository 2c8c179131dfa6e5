"""A person who buys, by the buttons of the pages alone; and what Stripe and the worker do meanwhile."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import stripe
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.checkout.house import House
from app.kernel.mail import Letter, Mailer
from app.worker import Bench, Worker
from sandbox import LocalStripe
from tests.site import WEBHOOK_SECRET

JSON = {"Accept": "application/json"}


@dataclass
class Shopper:
    """A browser with an address, and the Stripe it is led to."""

    client: FlaskClient
    stripe: LocalStripe
    email: str = "ada@example.org"

    def take(self, quantity: int = 1, drop: str = "drop-1", run: str = "run-1") -> str:
        """Hold copies; the path of the hold."""
        answer = self.client.post(f"/drops/{drop}/holds", data={"run": run, "quantity": str(quantity)})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def details(self, **changes: str) -> dict[str, str]:
        """What stands in the form."""
        return {"email": self.email, "country": "DE", "note": "", **changes}

    def shown(self, hold: str) -> str:
        """The total on the page, as its form sends it back."""
        found = re.search(r'name="shown" value="(\d+)"', self.client.get(hold).text)
        assert found, "the page shows no total"
        return found[1]

    def press_pay(self, hold: str, **changes: str) -> TestResponse:
        """Fill in the form and press Pay."""
        return self.client.post(
            f"{hold}/checkout", data={**self.details(**changes), "shown": changes.get("shown") or self.shown(hold)}
        )

    def session(self, answer: TestResponse) -> str:
        """The id of the session that an answer leads to."""
        assert answer.status_code == 303, answer.text
        found = re.search(r"cs_test_\w+", answer.headers["Location"])
        assert found, answer.headers["Location"]
        return found[0]

    def buy(self, hold: str, card: str = "4242424242424242") -> str:
        """Press Pay and pay with a card; the session's id."""
        session = self.session(self.press_pay(hold))
        assert self.stripe.control.pay(session, card)["outcome"] == "complete"
        return session

    def come_back(self, hold: str) -> TestResponse:
        """Follow Stripe's way back."""
        return self.client.get(f"{hold}/paid")

    def order(self, hold: str) -> str:
        """Come back to the order; its path."""
        answer = self.come_back(hold)
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"].startswith("/orders/")
        return str(answer.headers["Location"])


def events(local: LocalStripe, *types: str) -> list[str]:
    """The bodies of the events that Stripe has made, oldest first, of some types or all."""
    made = sorted(local.box.store.all("event"), key=lambda event: event["created"])
    return [stripe_json(event) for event in made if not types or event["type"] in types]


def stripe_json(event: dict[str, Any]) -> str:
    """An event as it travels."""
    return stripe.StripeObject.construct_from(event, None).__str__()


def deliver(client: FlaskClient, body: str, now: datetime, secret: str = WEBHOOK_SECRET) -> TestResponse:
    """Post an event as Stripe does, signed at that time."""
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(now.timestamp()))
    return client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature}, content_type="application/json")


@dataclass(frozen=True)
class Postbox(Mailer):
    """Keeps what would be sent."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter, now: datetime) -> None:
        """Keep it."""
        self.letters.append(letter)


def work(app: Flask, steps: int = 12) -> list[Letter]:
    """Let a worker do all that is due; the letters it sent."""
    house: House = app.extensions["runout"]
    postbox = Postbox("smtp://127.0.0.1:9", "Runout <shop@runout.example>", "runout.example")
    worker = Worker(Bench(house, postbox))
    for _ in range(steps):
        if not worker.step():
            break
    return postbox.letters


@contextmanager
def all_places_taken(app: Flask) -> Iterator[None]:
    """Four other requests are waiting for Stripe."""
    house: House = app.extensions["runout"]
    taken = 0
    while house.gateway.calls.acquire(blocking=False):
        taken += 1
    try:
        yield
    finally:
        for _ in range(taken):
            house.gateway.calls.release()
