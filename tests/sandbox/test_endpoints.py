"""Every endpoint, called by the real SDK over HTTP."""

import time

import pytest
import requests
import stripe

from sandbox import API_VERSION, LocalStripe, Options
from sandbox.schema import response_validator
from tests.sandbox.builders import line, session_params
from tests.sandbox.conftest import make_client
from tests.sandbox.shapes import as_json


def test_session_as_made(client, local):
    params = session_params()
    session = client.v1.checkout.sessions.create(params)
    assert session.id.startswith("cs_test_")
    assert session.url == f"{local.url}/c/pay/{session.id}"
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_subtotal, session.amount_total, session.total_details.amount_shipping) == (2400, 2750, 350)
    assert session.shipping_cost.amount_total == 350
    assert len(session.shipping_options) == 2
    assert session.expires_at == params["expires_at"]
    assert session.metadata.to_dict() == {"shop": "here", "hold": "7"}
    assert session.shipping_address_collection.allowed_countries == ["AT", "DE"]
    assert session.ui_mode == "hosted_page"
    assert session.customer_email == "ada@example.com"


def test_session_expires_in_a_day_by_default(client):
    session = client.v1.checkout.sessions.create(session_params(expires_at=None))
    assert session.expires_at - session.created == 24 * 60 * 60


def test_line_items(client, session):
    (only,) = client.v1.checkout.sessions.line_items.list(session.id).data
    assert (only.description, only.quantity, only.amount_total, only.price.unit_amount) == ("TAPE-014 № 017", 2, 2400, 1200)


def test_zero_total_needs_no_payment(client, control):
    params = session_params(line_items=[line(amount=0)], shipping_options=None)
    session = client.v1.checkout.sessions.create(params)
    assert session.payment_status == "no_payment_required"
    paid = control.pay(session.id)
    assert (paid["session"]["status"], paid["session"]["payment_intent"]) == ("complete", None)


def test_zero_decimal_currency(client):
    params = session_params(line_items=[line(amount=1200, quantity=1, currency="jpy")], shipping_options=None)
    assert client.v1.checkout.sessions.create(params).amount_total == 1200


def test_expire(client, session):
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_list_and_filter_sessions(client, control):
    made = [client.v1.checkout.sessions.create(session_params()).id for _ in range(3)]
    paid = control.pay(made[1])["session"]
    sessions = client.v1.checkout.sessions
    assert [s.id for s in sessions.list().data] == made[::-1]
    assert [s.id for s in sessions.list({"status": "open"}).data] == [made[2], made[0]]
    assert [s.id for s in sessions.list({"payment_intent": paid["payment_intent"]}).data] == [made[1]]
    assert sessions.list({"created": {"gt": int(time.time()) + 60}}).data == []
    assert [s.id for s in sessions.list({"customer_details": {"email": "ada@example.com"}}).data] == [made[1]]


def test_paging(client):
    made = [client.v1.checkout.sessions.create(session_params()).id for _ in range(5)]
    sessions = client.v1.checkout.sessions
    first = sessions.list({"limit": 2})
    assert ([s.id for s in first.data], first.has_more) == ([made[4], made[3]], True)
    last = sessions.list({"limit": 2, "starting_after": made[1]})
    assert ([s.id for s in last.data], last.has_more) == ([made[0]], False)
    before = sessions.list({"limit": 2, "ending_before": made[1]})
    assert ([s.id for s in before.data], before.has_more) == ([made[3], made[2]], True)
    assert [s.id for s in sessions.list({"limit": 2}).auto_paging_iter()] == made[::-1]


def test_manual_capture(client, authorised):
    assert (authorised.status, authorised.payment_status) == ("complete", "unpaid")
    intent = client.v1.payment_intents.retrieve(authorised.payment_intent, {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2750, 2750, 0)
    assert intent.metadata.to_dict() == {"hold": "7"}
    charge = intent.latest_charge
    assert (charge.status, charge.captured, charge.amount_captured) == ("succeeded", False, 0)
    assert charge.payment_method_details.card.capture_before == charge.created + 7 * 24 * 60 * 60
    taken = client.v1.payment_intents.capture(intent.id, {"metadata": {"order": "17"}})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 2750, 0)
    assert taken.metadata.to_dict() == {"hold": "7", "order": "17"}
    assert client.v1.checkout.sessions.retrieve(authorised.id).payment_status == "paid"
    charge = client.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]})
    assert (charge.captured, charge.amount_captured, charge.balance_transaction.amount) == (True, 2750, 2750)


def test_partial_capture_lets_the_rest_go(client, authorised):
    taken = client.v1.payment_intents.capture(authorised.payment_intent, {"amount_to_capture": 1000})
    assert (taken.amount_received, taken.amount_capturable) == (1000, 0)
    with pytest.raises(Exception, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": taken.id, "amount": 1001})


def test_cancel_lets_the_authorisation_go(client, authorised):
    params = {"cancellation_reason": "requested_by_customer"}
    gone = client.v1.payment_intents.cancel(authorised.payment_intent, params)
    assert (gone.status, gone.amount_capturable, gone.cancellation_reason) == ("canceled", 0, "requested_by_customer")
    charge = client.v1.charges.retrieve(gone.latest_charge)
    assert (charge.captured, charge.refunded) == (False, True)
    assert client.v1.checkout.sessions.retrieve(authorised.id).payment_status == "unpaid"


def test_automatic_capture(client, control):
    session = client.v1.checkout.sessions.create(session_params(payment_intent_data=None))
    paid = control.pay(session.id)
    assert (paid["session"]["payment_status"], paid["payment_intent"]["status"]) == ("paid", "succeeded")


def test_collected_details(client, control, session):
    address = {"line1": "Ring 1", "city": "Wien", "postal_code": "1010", "country": "AT"}
    control.pay(session.id, name="Ben Fan", address=address, shipping_rate=session.shipping_options[1].shipping_rate)
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    shipping = paid.collected_information.shipping_details
    assert (shipping.name, shipping.address.city, shipping.address.country) == ("Ben Fan", "Wien", "AT")
    assert (paid.amount_total, paid.shipping_cost.amount_total, paid.payment_intent.amount) == (3300, 900, 3300)
    assert paid.customer_details.email == "ada@example.com"


def test_refunds(client, authorised):
    intent = client.v1.payment_intents.capture(authorised.payment_intent)
    part = client.v1.refunds.create({"payment_intent": intent.id, "amount": 750, "metadata": {"why": "dented"}})
    rest = client.v1.refunds.create({"charge": intent.latest_charge, "reason": "requested_by_customer"})
    assert (part.status, part.amount, rest.amount) == ("succeeded", 750, 2000)
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (2750, True)
    assert [r.id for r in client.v1.refunds.list({"payment_intent": intent.id}).data] == [rest.id, part.id]
    assert client.v1.refunds.retrieve(part.id, {"expand": ["charge"]}).charge.id == charge.id


def test_expand(client, authorised):
    wanted = ["payment_intent.latest_charge.balance_transaction", "line_items", "shipping_cost.shipping_rate", "customer"]
    session = client.v1.checkout.sessions.retrieve(authorised.id, {"expand": wanted})
    assert session.payment_intent.latest_charge.payment_intent == session.payment_intent.id
    assert session.line_items.data[0].quantity == 2
    assert session.shipping_cost.shipping_rate.display_name == "Post"
    listed = client.v1.checkout.sessions.list({"expand": ["data.payment_intent"]})
    assert listed.data[0].payment_intent.status == "requires_capture"
    (intent,) = client.v1.payment_intents.list({"expand": ["data.latest_charge", "data.payment_method"]}).data
    assert (intent.latest_charge.object, intent.payment_method.card.last4) == ("charge", "4242")


def test_update_of_an_intent(client, authorised):
    changed = client.v1.payment_intents.update(authorised.payment_intent, {"metadata": {"order": "9", "hold": ""}})
    assert changed.metadata.to_dict() == {"order": "9"}


def test_events(client, control, session):
    control.pay(session.id)
    events = client.v1.events.list({"types": ["checkout.session.completed", "payment_intent.amount_capturable_updated"]})
    assert [e.type for e in events.data] == ["checkout.session.completed", "payment_intent.amount_capturable_updated"]
    assert client.v1.events.retrieve(events.data[0].id).data.object["id"] == session.id
    assert len(client.v1.events.list({"type": "payment_intent.*"}).data) == 2


def test_events_are_read_in_the_sequence_in_which_they_happened(client, control, session):
    """As a reconciler does: everything after the last event it knows."""
    control.pay(session.id)
    first = client.v1.events.list({"limit": 100}).data[-1]
    client.v1.payment_intents.capture(client.v1.checkout.sessions.retrieve(session.id).payment_intent)
    later = list(client.v1.events.list({"ending_before": first.id, "limit": 2}).auto_paging_iter())
    everything = client.v1.events.list({"limit": 100}).data
    assert [e.id for e in later] == [e.id for e in everything[:-1]][::-1]
    assert client.v1.events.list({"created": {"lt": first.created}}).data == []
    assert len(client.v1.events.list({"created": {"gte": first.created}}).data) == len(everything)


def test_events_of_the_last_thirty_days_only(client, control, session):
    client.v1.checkout.sessions.expire(session.id)
    control.advance(31 * 24 * 60 * 60)
    assert client.v1.events.list().data == []


def test_account_and_balance(client, authorised):
    account = client.v1.accounts.retrieve_current()
    assert (account.business_profile.name, account.default_currency, account.charges_enabled) == ("Night Press", "eur", True)
    client.v1.payment_intents.capture(authorised.payment_intent)
    assert client.v1.balance.retrieve().available[0].amount == 2750 - (2750 * 15 // 1000 + 25)


def test_basic_auth_and_headers(local):
    answer = requests.get(f"{local.url}/v1/balance", auth=("rk_test_1", ""), headers={"Stripe-Version": "x"}, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "x"


def test_any_test_key_sees_the_same_account(local, session):
    other = make_client(local.url, key="rk_test_restricted")
    assert other.v1.checkout.sessions.retrieve(session.id).id == session.id


def test_the_webhook_endpoint_as_stripe_lists_it():
    with LocalStripe(Options(control_token="t")) as telling_nobody:
        assert make_client(telling_nobody.url).v1.webhook_endpoints.list().data == []
    options = Options(webhook="https://shop.example/webhooks/stripe", webhook_secret="whsec_x", control_token="t")
    with LocalStripe(options) as told:
        [endpoint] = make_client(told.url).v1.webhook_endpoints.list({"limit": 100}).data
    assert (endpoint.url, endpoint.status, endpoint.api_version) == (options.webhook, "enabled", API_VERSION)
    assert set(endpoint.enabled_events) == options.enabled_events
    assert list(response_validator(stripe.WebhookEndpoint).iter_errors(as_json(endpoint))) == []
