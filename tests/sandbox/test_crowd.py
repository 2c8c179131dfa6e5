"""Many at once, while everything goes wrong: nothing breaks inside, and the books add up."""

import threading
from collections import Counter

import stripe

from tests.sandbox.builders import session_params
from tests.sandbox.conftest import make_client

CROWD, ROUNDS = 12, 6
EXPECTED = (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError, stripe.InvalidRequestError)


def stubborn(call, *args):
    """Ask again until there is an answer: the same key, so that it happens once."""
    while True:
        try:
            return call(*args)
        except stripe.InvalidRequestError:
            raise
        except EXPECTED:
            continue


def buy(v1, control, name):
    """From the session to the refund, each step once."""
    params = session_params(client_reference_id=name, metadata={"name": name})
    session = stubborn(v1.checkout.sessions.create, params, {"idempotency_key": f"cs:{name}"})
    intent = control.pay(session.id)["payment_intent"]["id"]
    stubborn(v1.payment_intents.capture, intent, {}, {"idempotency_key": f"cap:{name}"})
    stubborn(v1.refunds.create, {"payment_intent": intent, "amount": 50}, {"idempotency_key": f"re:{name}"})
    return session.id


def test_a_crowd_and_its_troubles(local, control, shop_door):
    control.fault("429", times=None, probability=0.1, seed=1)
    control.fault("reset", times=None, probability=0.1, seed=2)
    control.fault("lost", method="POST", times=None, probability=0.2, seed=3)
    control.fault("latency", times=None, probability=0.1, seed=4, seconds=0.02)
    control.webhooks("shuffle", seconds=0.2, seed=5)
    bought, broken = [], []

    def fan(number):
        v1 = make_client(local.url).v1
        try:
            bought.extend(buy(v1, control, f"{number}-{turn}") for turn in range(ROUNDS))
        except Exception as problem:
            broken.append(problem)

    crowd = [threading.Thread(target=fan, args=(number,)) for number in range(CROWD)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert broken == []
    total = CROWD * ROUNDS
    assert len(set(bought)) == total
    assert Counter(s["status"] for s in control.objects("checkout.session")) == {"complete": total}
    assert Counter(i["status"] for i in control.objects("payment_intent")) == {"succeeded": total}
    assert sum(r["amount"] for r in control.objects("refund")) == 50 * total
    assert sum(m["amount"] for m in control.objects("balance_transaction")) == (2750 - 50) * total
    assert {r["status"] for r in control.requests()} == {200, 429, None}
    struck = Counter(rule["kind"] for rule in control.faults() if rule["struck"])
    assert set(struck) == {"429", "reset", "lost", "latency"}
    control.wait_sent()
    kinds = Counter(event.type for event in shop_door.events())
    assert kinds["checkout.session.completed"] == kinds["refund.created"] == total
