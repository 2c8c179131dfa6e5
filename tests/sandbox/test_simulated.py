"""Without threads, sockets or real time: as a simulator would mount it."""

from urllib.parse import urlencode

import stripe

from sandbox import Clock, Options, make_app

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


def make(world):
    """The app in that world."""
    options = Options(webhook="http://shop.test/hook", webhook_secret="whsec_1", seed=7)
    clock = Clock(base=lambda: world.now)
    return make_app(options, clock=clock, post=world.post, timer=lambda: world.now)


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
