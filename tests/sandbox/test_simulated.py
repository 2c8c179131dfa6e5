"""Without threads, sockets or real time: as a simulator would mount it."""

from urllib.parse import urlencode

import pytest
import stripe

from sandbox import Clock, Options, make_app
from sandbox.behaviour import Behaviour
from sandbox.faults import Fault

FORM = {
    "mode": "payment",
    "success_url": "http://shop.test/paid",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "1200",
    "line_items[0][price_data][product_data][name]": "Tape",
}


class World:
    """A made-up time and a shop that answers as it is told."""

    def __init__(self):
        self.now = 1_800_000_000.0
        self.status = 500
        self.posts = []

    def post(self, url, body, headers):
        """Take a webhook."""
        self.posts.append((body, headers["Stripe-Signature"]))
        return self.status

    def pause(self, seconds):
        """Let time pass."""
        self.now += seconds


def make(world):
    """The app in that world."""
    options = Options(webhook="http://shop.test/hook", webhook_secret="whsec_1", seed=7)
    clock = Clock(base=lambda: world.now)
    return make_app(options, clock=clock, post=world.post, timer=lambda: world.now, pause=world.pause)


def call(app, path, form):
    """One API call."""
    headers = {"Authorization": "Bearer sk_test_1", "Content-Type": "application/x-www-form-urlencoded"}
    return app.test_client().post(path, data=urlencode(form), headers=headers).get_json()


def test_the_same_seed_gives_the_same_ids():
    assert call(make(World()), "/v1/checkout/sessions", FORM) == call(make(World()), "/v1/checkout/sessions", FORM)


def test_tries_follow_the_made_up_time():
    world = World()
    app = make(world)
    session = call(app, "/v1/checkout/sessions", FORM)
    assert session["created"] == 1_800_000_000
    call(app, f"/v1/checkout/sessions/{session['id']}/expire", {})
    deliveries = app.extensions["deliveries"]
    assert (deliveries.run_due(), deliveries.run_due()) == (1, 0)
    world.now += 9
    assert deliveries.run_due() == 0
    world.now, world.status = world.now + 1, 200
    assert (deliveries.run_due(), len(world.posts)) == (1, 2)
    world.now += 1_000_000
    assert deliveries.run_due() == 0
    (body, signature) = world.posts[1]
    assert signature.startswith("t=1800000010,v1=")
    assert stripe.WebhookSignature.verify_header(body, signature, "whsec_1", 10**10)


def test_gives_up_after_the_last_try():
    world = World()
    app = make(world)
    session = call(app, "/v1/checkout/sessions", FORM)
    call(app, f"/v1/checkout/sessions/{session['id']}/expire", {})
    for _ in range(10):
        app.extensions["deliveries"].run_due()
        world.now += 20_000
    (delivery,) = app.extensions["sandbox"].store.all("delivery")
    assert (delivery["state"], len(delivery["attempts"])) == ("failed", 6)


@pytest.mark.parametrize(
    ("kind", "problem", "made", "passed"),
    [
        ("reset", ConnectionResetError, 0, 0),
        ("lost", ConnectionResetError, 1, 0),
        ("hang", TimeoutError, 0, 30),
        ("hang-after", TimeoutError, 1, 30),
    ],
)
def test_a_broken_connection_is_an_exception_and_a_hang_takes_no_real_time(kind, problem, made, passed):
    world = World()
    app = make(world)
    box = app.extensions["sandbox"]
    box.faults.add(Fault(kind, "POST", seconds=passed))
    with pytest.raises(problem):
        call(app, "/v1/checkout/sessions", FORM)
    assert len(box.store.all("checkout.session")) == made
    assert world.now == 1_800_000_000 + passed


def test_a_delay_moves_the_made_up_time():
    world = World()
    app = make(world)
    app.extensions["sandbox"].faults.add(Fault("latency", seconds=4))
    assert call(app, "/v1/checkout/sessions", FORM)["created"] == 1_800_000_004


def test_early_delivery_needs_no_thread():
    world = World()
    world.status = 200
    app = make(world)
    app.extensions["deliveries"].behave(Behaviour("early"))
    session = call(app, "/v1/checkout/sessions", FORM)
    call(app, f"/v1/checkout/sessions/{session['id']}/expire", {})
    assert len(world.posts) == 1
    assert app.extensions["deliveries"].run_due() == 0


def test_limits_follow_the_made_up_time():
    world = World()
    app = make(world)
    app.extensions["sandbox"].rates.set(2, 8)
    answers = [call(app, "/v1/checkout/sessions", FORM) for _ in range(3)]
    assert ["error" in answer for answer in answers] == [False, False, True]
    world.now += 0.5
    assert "error" not in call(app, "/v1/checkout/sessions", FORM)
