"""The payment page as a fan without JavaScript meets it."""

import re

import pytest
import requests

from tests.sandbox.builders import line, session_params

DETAILS = {
    "name": "Ada Fan",
    "line1": "Hafenstraße 7",
    "postal_code": "20359",
    "city": "Hamburg",
    "country": "DE",
    "card_name": "Ada Fan",
    "expiry": "12 / 34",
    "cvc": "123",
}


def post(session, **changes):
    """Fill in the form and pay."""
    form = {**DETAILS, "number": "4242 4242 4242 4242", **changes}
    return requests.post(session.url, data=form, timeout=5, allow_redirects=False)


def test_what_the_page_shows(session):
    answer = requests.get(session.url, timeout=5)
    assert answer.status_code == 200
    for words in ("TEST MODE", "Night Press", "TAPE-014 № 017", "€27.50", "€3.50", "Yours until 20:41.", "ada@example.com"):
        assert words in answer.text
    assert 'href="http://127.0.0.1:5000/holds/7"' in answer.text
    assert re.findall(r'<option value="(\w*)"', answer.text) == ["", "AT", "DE"]
    assert "<script" not in answer.text


def test_the_only_country_is_chosen(client):
    params = session_params(shipping_address_collection={"allowed_countries": ["DE"]})
    page = requests.get(client.v1.checkout.sessions.create(params).url, timeout=5).text
    assert '<option value="DE" selected>Germany</option>' in page


def test_the_policy_lets_the_form_lead_home(session):
    policy = requests.get(session.url, timeout=5).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:5000" in policy
    assert "script" not in policy


def test_names_are_escaped(client):
    params = session_params(line_items=[line(name="<b>loud</b>")], custom_text={"submit": {"message": "<script>x</script>"}})
    page = requests.get(client.v1.checkout.sessions.create(params).url, timeout=5).text
    assert "<b>loud" not in page
    assert "<script" not in page


def test_pay(client, session):
    answer = post(session)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:5000/paid?session={session.id}"
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (paid.status, paid.payment_intent.status) == ("complete", "requires_capture")
    assert paid.collected_information.shipping_details.address.to_dict() == {
        "city": "Hamburg", "country": "DE", "line1": "Hafenstraße 7", "line2": None, "postal_code": "20359", "state": None,
    }  # fmt: skip


def test_one_click_with_a_test_card(client, session):
    form = {**DETAILS, "expiry": "", "cvc": "", "card_name": "", "test_card": "4242424242424242"}
    answer = requests.post(session.url, data=form, timeout=5, allow_redirects=False)
    assert answer.status_code == 303
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_postage_changes_the_total(client, session):
    post(session, shipping_rate=session.shipping_options[1].shipping_rate)
    assert client.v1.checkout.sessions.retrieve(session.id).amount_total == 3300


DECLINES = {
    "4000000000000002": "Your card was declined.",
    "4000000000009995": "Your card has insufficient funds.",
    "4000000000009987": "Your card was declined.",
    "4000000000000069": "Your card has expired.",
    "4000000000000127": "Your card&#39;s security code is incorrect.",
    "4000000000000119": "An error occurred while processing your card.",
    "4242424242424241": "Your card number is incorrect.",
    "4111111111111111": "Your card number is incorrect.",
    "1": "Your card number is incorrect.",
}


@pytest.mark.parametrize("number", DECLINES)
def test_declined_then_paid(client, session, number):
    answer = post(session, number=number)
    assert answer.status_code == 200
    assert DECLINES[number] in answer.text
    assert "Hafenstraße 7" in answer.text
    refused = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (refused.status, refused.payment_intent.status) == ("open", "requires_payment_method")
    assert post(session).status_code == 303
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert paid.payment_intent.id == refused.payment_intent.id
    assert paid.payment_intent.last_payment_error is None


@pytest.mark.parametrize("number", ["4000000000000259", "4000000000005126", "4000000000007726", "5555555555554444"])
def test_other_cards_that_succeed(session, number):
    assert post(session, number=number).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter your name."),
        ("line1", "", "Enter your address."),
        ("postal_code", "", "Enter your postal code."),
        ("city", " ", "Enter your town or city."),
        ("country", "US", "Choose one of the listed countries."),
        ("shipping_rate", "shr_none", "Choose how it is sent."),
        ("number", "", "Your card number is incomplete."),
        ("expiry", "13/30", "Enter an expiry date"),
        ("expiry", "01/20", "Enter an expiry date"),
        ("expiry", "x", "Enter an expiry date"),
        ("cvc", "12", "Enter the three or four digits"),
    ],
)
def test_mistakes_are_named_and_nothing_is_charged(client, session, field, value, words):
    answer = post(session, **{field: value})
    assert answer.status_code == 200
    assert words in answer.text
    assert f'aria-describedby="{field}-problem"' in answer.text or field == "shipping_rate"
    assert client.v1.payment_intents.list().data == []


def test_three_d_secure_complete(client, session):
    answer = post(session, number="4000002500003155")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/c/3ds/{session.id}")
    challenge = session.url.replace("/pay/", "/3ds/")
    assert "€27.50" in requests.get(challenge, timeout=5).text
    waiting = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_intent.status) == ("open", "requires_action")
    done = requests.post(challenge, data={"answer": "complete"}, timeout=5, allow_redirects=False)
    assert done.headers["Location"] == f"http://127.0.0.1:5000/paid?session={session.id}"
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert paid.payment_intent.status == "requires_capture"
    assert paid.payment_intent.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_three_d_secure_fails(client, session):
    post(session, number="4000002760003184")
    challenge = session.url.replace("/pay/", "/3ds/")
    back = requests.post(challenge, data={"answer": "fail"}, timeout=5)
    assert "unable to authenticate" in back.text
    refused = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert refused.payment_intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert post(session).status_code == 303


def test_three_d_secure_without_a_card(client, session):
    answer = requests.post(session.url.replace("/pay/", "/3ds/"), data={"answer": "complete"}, timeout=5)
    assert "Card number" in answer.text
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_an_expired_page_stays_usable_until_paying(client, session):
    client.v1.checkout.sessions.expire(session.id)
    assert "Card number" in requests.get(session.url, timeout=5).text
    answer = post(session)
    assert answer.status_code == 200
    assert "You have either completed the payment process, or a timeout occurred." in answer.text
    assert client.v1.payment_intents.list().data == []


def test_expired_while_the_bank_was_asking(client, session):
    post(session, number="4000002500003155")
    client.v1.checkout.sessions.expire(session.id)
    answer = requests.post(session.url.replace("/pay/", "/3ds/"), data={"answer": "complete"}, timeout=5)
    assert "timeout occurred" in answer.text
    assert client.v1.payment_intents.list().data[0].status == "requires_action"


def test_paying_twice(client, session):
    post(session)
    assert "timeout occurred" in post(session).text
    assert "timeout occurred" in requests.get(session.url, timeout=5).text
    assert len(client.v1.payment_intents.list().data) == 1


def test_a_phone_number_when_asked(client):
    session = client.v1.checkout.sessions.create(session_params(phone_number_collection={"enabled": True}))
    assert "Enter a phone number" in post(session).text
    post(session, phone="+49 40 1234567")
    assert client.v1.checkout.sessions.retrieve(session.id).customer_details.phone == "+49 40 1234567"


def test_an_email_when_none_is_known(client):
    session = client.v1.checkout.sessions.create(session_params(customer_email=None))
    assert "Enter an e-mail address" in post(session).text
    post(session, email="ben@example.com")
    assert client.v1.checkout.sessions.retrieve(session.id).customer_details.email == "ben@example.com"


def test_the_given_email_cannot_be_changed(client, session):
    post(session, email="eve@example.com")
    assert client.v1.checkout.sessions.retrieve(session.id).customer_details.email == "ada@example.com"


def test_no_such_page(local):
    assert requests.get(f"{local.url}/c/pay/cs_test_none", timeout=5).status_code == 404


def test_the_desk_lists_it_all(local, client, authorised):
    client.v1.checkout.sessions.create(session_params())
    page = requests.get(local.url, timeout=5).text
    for words in (">open<", ">complete<", ">requires_capture<", "€27.50", "pay page", "checkout.session.completed"):
        assert words in page
