"""Stripe Tax, within prices: the total stays, and what is tax in it is told line by line, as the SDK types it."""

import stripe

from sandbox.schema import response_validator
from tests.sandbox.builders import taxed, taxed_params
from tests.sandbox.shapes import as_json

WHOLE = {"expand": ["payment_intent", "line_items.data.taxes", "shipping_cost.taxes", "total_details.breakdown"]}
IN_GERMANY = {"address": {"country": "DE", "postal_code": "10115", "city": "Berlin", "line1": "Weg 1"}, "name": "Ada"}


def _paid(client, control, *lines, **changes):
    made = client.v1.checkout.sessions.create(taxed_params(*lines, **changes))
    assert (made.automatic_tax.enabled, made.automatic_tax.status) == (True, "requires_location_inputs")
    assert control.pay(made.id, **IN_GERMANY)["outcome"] == "complete"
    return made, client.v1.checkout.sessions.retrieve(made.id, WHOLE)


def test_the_total_stays_and_the_tax_is_in_it(client, control):
    made, session = _paid(client, control, taxed(amount=1200), taxed(amount=700, quantity=1, code="txcd_35010000"))
    assert (session.amount_total, session.amount_total) == (made.amount_total, 2400 + 700 + 350)
    assert session.automatic_tax.status == "complete"
    assert [(each.amount_total, each.amount_tax) for each in session.line_items.data] == [(2400, 383), (700, 46)]
    assert (session.shipping_cost.amount_tax, session.total_details.amount_tax) == (56, 383 + 46 + 56)
    taxes = {each.rate.percentage: (each.amount, each.taxable_amount) for each in session.total_details.breakdown.taxes}
    assert taxes == {19.0: (383 + 56, 2017 + 294), 7.0: (46, 654)}
    assert [each.taxability_reason for line in session.line_items.data for each in line.taxes] == [
        "standard_rated",
        "reduced_rated",
    ]
    assert list(response_validator(stripe.checkout.Session).iter_errors(as_json(session))) == []


def test_where_it_is_not_registered_nothing_is_collected(client, control):
    made = client.v1.checkout.sessions.create(taxed_params(shipping_address_collection={"allowed_countries": ["JP"]}))
    control.pay(made.id, address={"country": "JP", "postal_code": "100-0001", "city": "Tokyo", "line1": "1"}, name="Ada")
    session = client.v1.checkout.sessions.retrieve(made.id, WHOLE)
    assert session.total_details.amount_tax == 0
    assert session.line_items.data[0].taxes[0].taxability_reason == "not_collecting"


def test_taxes_are_told_only_when_asked_for(client, control):
    made, _ = _paid(client, control)
    bare = as_json(client.v1.checkout.sessions.retrieve(made.id))
    assert "line_items" not in bare
    assert "breakdown" not in bare["total_details"]
    assert "taxes" not in bare["shipping_cost"]


def test_the_settings_say_that_it_is_ready(client):
    settings = client.v1.tax.settings.retrieve()
    assert (settings.status, settings.head_office.address.line1) == ("active", "Sandweg 1")
    assert list(response_validator(stripe.tax.Settings).iter_errors(as_json(settings))) == []
