"""Answers are complete and of the right types, judged by Stripe's example objects and by the SDK's own annotations."""

import json
from pathlib import Path

import pytest
import stripe
from stripe._api_version import _ApiVersion

from sandbox import API_VERSION
from sandbox.schema import request_validator, response_validator
from tests.sandbox.builders import session_params

EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text())
CLASSES = {
    "account": stripe.Account,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "shipping_rate": stripe.ShippingRate,
}


@pytest.fixture
def answers(client, control, session):
    """One object of each kind at several moments of its life, as JSON."""
    v1, found = client.v1, [session]
    control.pay(session.id, "4000000000000002")
    found.append(v1.payment_intents.retrieve(v1.checkout.sessions.retrieve(session.id).payment_intent))
    control.pay(session.id, "4000002500003155")
    found.append(v1.payment_intents.retrieve(found[-1].id))
    control.authenticate(session.id)
    found.append(v1.checkout.sessions.retrieve(session.id))
    found.append(v1.payment_intents.retrieve(found[1].id, {"expand": ["latest_charge", "payment_method"]}))
    found.append(v1.payment_intents.capture(found[1].id))
    found.append(v1.refunds.create({"payment_intent": found[1].id, "amount": 5}))
    found.append(v1.charges.retrieve(found[-2].latest_charge, {"expand": ["balance_transaction"]}))
    found.append(v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "shipping_cost.shipping_rate"]}))
    found += [v1.accounts.retrieve_current(), v1.balance.retrieve(), *v1.events.list({"limit": 100}).data]
    whole = [thing.to_dict(for_json=True) for thing in found]
    inner = [found[4].latest_charge, found[4].payment_method, found[7].balance_transaction, found[8].line_items.data[0]]
    inner.append(found[8].shipping_cost.shipping_rate)
    return whole + [thing.to_dict(for_json=True) for thing in inner] + [e.data.object for e in found if e.object == "event"]


def as_json(thing):
    """A plain dict."""
    return thing if isinstance(thing, dict) else thing.to_dict(for_json=True)


def test_the_pinned_version():
    assert _ApiVersion.CURRENT == API_VERSION == EXAMPLES["api_version"] == "2026-10-28.endive"


def test_answers_fit_the_sdks_annotations(answers):
    seen = set()
    for answer in map(as_json, answers):
        seen.add(answer["object"])
        errors = response_validator(CLASSES[answer["object"]]).iter_errors(answer)
        assert [(list(e.absolute_path), e.message[:200]) for e in errors] == []
    assert seen == set(CLASSES)


def test_answers_have_every_key_of_stripes_examples(answers):
    for answer in map(as_json, answers):
        example = EXAMPLES["resources"][answer["object"]]
        assert set(example) - set(answer) == set(), answer["object"]
        for name, value in example.items():
            both = value is not None and answer[name] is not None
            if both and not isinstance(answer[name], dict | str):  # a reference may be expanded or not
                assert type(answer[name]) is type(value), (answer["object"], name)


def test_stripes_own_examples_fit():
    for kind, example in EXAMPLES["resources"].items():
        assert list(response_validator(CLASSES[kind]).iter_errors(example)) == [], kind


def test_a_doctored_answer_is_noticed(session):
    body = session.to_dict(for_json=True) | {"surprise": 1, "status": "undecided", "amount_total": "12"}
    assert len(list(response_validator(stripe.checkout.Session).iter_errors(body))) == 3


def test_what_a_shop_sends_fits(session, control):
    (entry,) = control.requests(method="POST")
    validator = request_validator(stripe.params.checkout.SessionCreateParams)
    assert list(validator.iter_errors(entry["params"])) == []
    assert entry["params"] == session_params(expires_at=entry["params"]["expires_at"])
