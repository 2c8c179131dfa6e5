"""A shop with its webhook door open: the local Stripe delivers to it over HTTP, signed, as the test tells it to."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from app.kernel.db import Database, reading
from app.payments.gateway import open_gateway
from app.payments.models import StripeEvent
from sandbox import LocalStripe, Options
from tests.cast import StoppedClock
from tests.site import WEBHOOK_SECRET, make_app
from tests.story import Story


class _Quiet(WSGIRequestHandler):
    """Says nothing."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's signature
        """The shop has a log of its own."""


class Door:
    """Serves whichever application stands behind it at the moment."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self._server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded server, which this one is
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"

    def _answer(self, environ, start_response):  # type: ignore[no-untyped-def]  # WSGI's own shape
        assert self.app is not None, "no shop stands behind the door"
        return self.app(environ, start_response)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(frozen=True)
class Rig(Story):
    """A story whose events come by themselves."""

    local: LocalStripe
    app: Flask

    def heard(self) -> int:
        """Wait until every event that is to come has come, then do what it causes; how many jobs that were."""
        self.stripe.wait_delivered()
        return self.work()

    def settled(self, hold_id: int, card: str = "4242424242424242") -> str:
        """Press pay, pay with a card, and hear of it; the session's id."""
        self.pay(hold_id)
        session_id = self.attempts(hold_id)[-1].session_id or ""
        self.stripe.pay(session_id, card)
        self.heard()
        return session_id

    def events(self) -> int:
        """How many events the shop remembers."""
        with reading(self.db) as session:
            return session.scalar(select(func.count()).select_from(StripeEvent)) or 0

    def made(self, *types: str) -> list[str]:
        """The ids of the events that Stripe has made, of some types or all, oldest first."""
        return [event["id"] for event in self.stripe.objects("event") if not types or event["type"] in types]

    def sent(self) -> set[str]:
        """The ids of the events that were sent to us at least once."""
        return {delivery["event"] for delivery in self.stripe.deliveries()}

    def delivered(self) -> set[int | None]:
        """The statuses that our door has answered deliveries with."""
        return {attempt["status"] for delivery in self.stripe.deliveries() for attempt in delivery["attempts"]}


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    opened = Door()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _telling_stripe(door: Door) -> Iterator[LocalStripe]:
    options = Options(
        webhook=door.url,
        webhook_secret=WEBHOOK_SECRET,
        control_token="let the tests in",
        merchant="Runout tests",
        retry_scale=0.001,
    )
    with LocalStripe(options) as running:
        yield running


@pytest.fixture
def rig(db: Database, clock: StoppedClock, door: Door, _telling_stripe: LocalStripe) -> Iterator[Rig]:
    """A shop on each database, spoken to by the local Stripe; nothing is heard until `heard()` has waited for it."""
    _telling_stripe.forget()
    box_clock = _telling_stripe.box.clock
    before = box_clock.base, box_clock.offset
    box_clock.base, box_clock.offset = lambda: clock.now().timestamp(), 0.0
    gateway = open_gateway("sk_test_the_tests_own_key", _telling_stripe.url)
    door.app = app = make_app(db, clock, gateway)
    yield Rig(db, gateway, clock, _telling_stripe.control, _telling_stripe, app)
    _telling_stripe.forget()
    _telling_stripe.control.wait_delivered()
    door.app = None
    box_clock.base, box_clock.offset = before
    gateway.client._requestor._client.close()  # the SDK has no public way to close its connections
