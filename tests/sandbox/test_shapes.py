"""Answers are complete and of the right types, judged by Stripe's example objects and by the SDK's own annotations."""

import pytest
import stripe
from stripe._api_version import _ApiVersion

from sandbox import API_VERSION
from sandbox.routes import ROUTES
from sandbox.schema import request_validator, response_validator
from tests.sandbox.builders import session_params
from tests.sandbox.shapes import CLASSES, EXAMPLES, as_json, problems


@pytest.fixture
def answers(client, control, session):
    """Answers of each kind at several moments of their lives, as the SDK got them."""
    v1, found = client.v1, [session]
    control.pay(session.id, "4000000000000002")
    intent = v1.checkout.sessions.retrieve(session.id).payment_intent
    found.append(v1.payment_intents.retrieve(intent))
    control.pay(session.id, "4000002500003155")
    found.append(v1.payment_intents.retrieve(intent))
    control.authenticate(session.id)
    found.append(v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "shipping_cost.shipping_rate"]}))
    found.append(v1.payment_intents.retrieve(intent, {"expand": ["latest_charge", "payment_method"]}))
    found.append(v1.payment_intents.capture(intent))
    found.append(v1.refunds.create({"payment_intent": intent, "amount": 5}))
    found.append(v1.charges.retrieve(found[-2].latest_charge, {"expand": ["balance_transaction", "refunds"]}))
    found.append(v1.disputes.retrieve(control.dispute(intent)["id"], {"expand": ["charge", "payment_intent"]}))
    other = v1.checkout.sessions.create(session_params())
    control.pay(other.id, "sepa_debit")
    control.settle(other.id)
    found.append(v1.payment_intents.retrieve(v1.checkout.sessions.retrieve(other.id).payment_intent, {"expand": ["latest_charge"]}))
    found += [v1.accounts.retrieve_current(), v1.balance.retrieve(), *v1.events.list({"limit": 100}).data]
    found += [*v1.balance_transactions.list().data, *v1.refunds.list().data, *v1.charges.list().data]
    inner = [found[3].line_items.data[0], found[3].shipping_cost.shipping_rate, found[4].latest_charge, found[4].payment_method]
    return found + inner


def test_an_upgrade_of_the_sdk_forces_a_look():
    """Another API version has other objects and parameters: compare the changelog, the examples and what we refuse."""
    assert _ApiVersion.CURRENT == API_VERSION == EXAMPLES["api_version"] == "2026-10-28.endive"
    assert stripe.VERSION.rsplit(".", 1)[0] == EXAMPLES["sdk"]


def test_answers_look_like_stripes(answers):
    assert {as_json(answer)["object"] for answer in answers} == set(CLASSES)
    assert [problem for answer in answers for problem in problems(answer)] == []


def test_stripes_own_examples_fit():
    for kind, example in EXAMPLES["resources"].items():
        assert list(response_validator(CLASSES[kind]).iter_errors(example)) == [], kind


@pytest.mark.parametrize(
    ("change", "count"),
    [
        (lambda body: body.update(surprise=1), 1),
        (lambda body: body.update(status="undecided"), 1),
        (lambda body: body.update(amount_total="12"), 1),
        (lambda body: body.pop("url"), 1),
        (lambda body: body["custom_text"].pop("submit"), 1),
        (lambda body: body["automatic_tax"].update(enabled=0), 2),
        (lambda body: None, 0),
    ],
)
def test_a_doctored_answer_is_noticed(session, change, count):
    body = as_json(session)
    change(body)
    assert len(problems(body)) == count


def test_what_a_shop_sends_fits(session, control):
    (entry,) = control.requests(method="POST")
    validator = request_validator(stripe.params.checkout.SessionCreateParams)
    assert list(validator.iter_errors(entry["params"])) == []
    assert entry["params"] == session_params(expires_at=entry["params"]["expires_at"])


def test_every_route_belongs_to_the_sdk():
    assert {route.params.__module__.split(".")[:2] == ["stripe", "params"] for route in ROUTES} == {True}
    assert len({route.name for route in ROUTES}) == len(ROUTES)
