"""One local Stripe for all tests of this folder, emptied before each."""

import pytest
import stripe

from sandbox import LocalStripe, Options
from tests.sandbox.builders import session_params
from tests.sandbox.receiver import SECRET, Receiver
from tests.sandbox.shapes import check_store

stripe.enable_telemetry = False


@pytest.fixture(scope="session")
def shop_door():
    """The shop's webhook address."""
    receiver = Receiver().start()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def running(shop_door):
    """The local Stripe itself."""
    options = Options(
        webhook=shop_door.url, webhook_secret=SECRET, control_token="let-me-in", merchant="Night Press", retry_scale=0.001
    )
    with LocalStripe(options, smtp_port=0) as local:
        yield local


@pytest.fixture
def local(running, shop_door):
    """The local Stripe, empty, delivering normally; whatever a test made of it must look like Stripe's."""
    running.control.reset()
    running.control.wait_delivered()
    shop_door.clear()
    yield running
    running.control.wait_delivered()
    check_store(running.box.store)


@pytest.fixture
def control(local):
    """Its controls."""
    return local.control


@pytest.fixture
def client(local):
    """The SDK as the shop sets it up."""
    return make_client(local.url)


@pytest.fixture
def session(client):
    """An open session."""
    return client.v1.checkout.sessions.create(session_params())


@pytest.fixture
def authorised(client, control, session):
    """A session whose money is reserved: the session as retrieved."""
    assert control.pay(session.id)["outcome"] == "complete"
    return client.v1.checkout.sessions.retrieve(session.id)


def make_client(url, key="sk_test_of_nobody", retries=0):
    """A ``StripeClient`` that talks to ``url``."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        http_client=stripe.RequestsClient(timeout=(3, 10)),
        max_network_retries=retries,
    )
