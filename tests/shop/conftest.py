"""The shop over HTTP, as a browser and as a program see it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import Database
from app.payments.gateway import Gateway
from sandbox import LocalStripe
from tests.cast import StoppedClock
from tests.shop.shopper import Shopper
from tests.site import make_app


@pytest.fixture
def app(db: Database, clock: StoppedClock) -> Flask:
    """The whole application, with nobody at Stripe's end."""
    return make_app(db, clock)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def selling(db: Database, clock: StoppedClock, gateway: Gateway) -> Flask:
    """The whole application with the local Stripe behind it."""
    return make_app(db, clock, gateway)


@pytest.fixture
def ada(selling: Flask, local_stripe: LocalStripe) -> Shopper:
    """Ada, who buys."""
    return Shopper(selling.test_client(), local_stripe)


@pytest.fixture
def ben(selling: Flask, local_stripe: LocalStripe) -> Shopper:
    """Ben, who buys as well, in a browser of his own."""
    return Shopper(selling.test_client(), local_stripe, email="ben@example.org")
