"""A shop with an open drop, its Stripe behind the breaker."""

import pytest

from app.kernel.db import Database
from app.payments.gateway import Gateway
from sandbox import LocalStripe
from tests.cast import StoppedClock
from tests.flows.open_shop import OpenShop, open_shop
from tests.site import make_app


@pytest.fixture
def shop(db: Database, clock: StoppedClock, guarded: Gateway, local_stripe: LocalStripe) -> OpenShop:
    """Three copies, on each kind of database."""
    return open_shop(make_app(db, clock, guarded), db, clock, local_stripe)
