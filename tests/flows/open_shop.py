"""A shop in which time goes by: its pages, its worker, its clock and its Stripe, all of it real but the hands on the clock."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from app.checkout.house import House
from app.inventory.models import Copy, Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.mail import Letter
from app.kernel.outbox import Job
from app.orders.models import Order
from app.payments import outages
from app.payments.models import CheckoutAttempt, Payment
from app.worker import Bench, Worker
from sandbox import Control, LocalStripe
from tests.builders import open_drop
from tests.cast import StoppedClock
from tests.shop.shopper import Postbox, Shopper

CREATE = "/v1/checkout/sessions"


@dataclass
class OpenShop:
    """One drop is open. `live` lets time go by, with a worker that looks every five seconds as its clock says."""

    app: Flask
    db: Database
    clock: StoppedClock
    local: LocalStripe
    postbox: Postbox
    worker: Worker

    @property
    def stripe(self) -> Control:
        """Stripe's other side."""
        return self.local.control

    def fan(self, name: str = "ada") -> Shopper:
        """Somebody with a browser of their own."""
        return Shopper(self.app.test_client(), self.local, f"{name}@example.org")

    def live(self, seconds: float, step: float = 5.0) -> None:
        """Let time go by."""
        self.work()
        for _ in range(round(seconds / step)):
            self.clock.forward(seconds=step)
            self.work()

    def work(self) -> None:
        """The worker does all that is due now."""
        for _ in range(50):
            if not self.worker.step():
                return
        raise AssertionError("the worker never comes to rest")

    def die(self) -> None:
        """The worker's process is killed and another one started; what it had in hand is leased still."""
        self.worker = new_worker(self.app, self.postbox)

    def lose_jobs(self, kind: str) -> int:
        """Jobs of a kind get lost, as they never should; how many were there."""
        with transaction(self.db) as session:
            return int(session.execute(text("DELETE FROM outbox WHERE kind = :kind"), {"kind": kind}).rowcount)  # type: ignore[attr-defined]

    # Looking.

    @property
    def away(self) -> bool:
        """Is Stripe known to be away?"""
        with reading(self.db) as session:
            return outages.current(session) is not None

    @property
    def copies(self) -> str:
        """One letter per copy: a h s w."""
        letters = {"available": "a", "held": "h", "allocated": "s", "shipped": "s", "withdrawn": "w"}
        with reading(self.db) as session:
            return "".join(letters[state] for state in session.scalars(select(Copy.state).order_by(Copy.run_id, Copy.number)))

    def holds(self) -> list[Hold]:
        """All holds, oldest first."""
        with reading(self.db) as session:
            return list(session.scalars(select(Hold).order_by(Hold.id)))

    def attempts(self) -> list[CheckoutAttempt]:
        """All attempts, oldest first."""
        with reading(self.db) as session:
            return list(session.scalars(select(CheckoutAttempt).order_by(CheckoutAttempt.id)))

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""
        with reading(self.db) as session:
            return list(session.scalars(select(Payment).order_by(Payment.id)))

    def orders(self) -> list[Order]:
        """All orders, by number."""
        with reading(self.db) as session:
            return list(session.scalars(select(Order).order_by(Order.number)))

    def jobs(self, kind: str) -> int:
        """How many jobs of a kind there ever were."""
        with reading(self.db) as session:
            return session.scalar(select(func.count(Job.id)).where(Job.kind == kind)) or 0

    def letters(self, kind: str) -> list[Letter]:
        """The letters of a kind that went out."""
        return [letter for letter in self.postbox.letters if letter.key.startswith(kind)]

    def sessions(self, status: str | None = None) -> list[str]:
        """The sessions that Stripe has, by id, oldest first."""
        made = self.stripe.objects("checkout.session")
        return [each["id"] for each in made if status is None or each["status"] == status]

    def intents(self) -> list[str]:
        """How Stripe's payment intents stand."""
        return [intent["status"] for intent in self.stripe.objects("payment_intent")]

    def asked(self, path: str = CREATE) -> list[str | None]:
        """The idempotency keys of the calls that reached Stripe at this address, in their sequence."""
        return [call["idempotency_key"] for call in self.stripe.requests(method="POST") if call["path"].endswith(path)]


def new_worker(app: Flask, postbox: Postbox) -> Worker:
    """A worker's process."""
    house: House = app.extensions["runout"]
    return Worker(Bench(house, postbox))


def open_shop(app: Flask, db: Database, clock: StoppedClock, local: LocalStripe, *, size: int = 3) -> OpenShop:
    """A shop with one drop of so many copies."""
    open_drop(db, size=size)
    postbox = Postbox("smtp://127.0.0.1:9", "Runout <shop@runout.example>", "runout.example")
    return OpenShop(app, db, clock, local, postbox, new_worker(app, postbox))


def page(fan: Shopper, hold: str) -> TestResponse:
    """A hold's page, as its fan sees it."""
    answer = fan.client.get(hold)
    assert answer.status_code in {200, 303}, answer.text
    return answer
