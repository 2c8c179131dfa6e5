"""Plain builders of what a shop would ask for."""

import time


def session_params(**changes):
    """The parameters of a session for two tapes, posted to Germany or Austria, captured by hand."""
    params = {
        "mode": "payment",
        "line_items": [line()],
        "payment_intent_data": {"capture_method": "manual", "description": "Two tapes", "metadata": {"hold": "7"}},
        "shipping_address_collection": {"allowed_countries": ["AT", "DE"]},
        "shipping_options": [rate(350, "Post"), rate(900, "Courier")],
        "customer_email": "ada@example.com",
        "client_reference_id": "hold-7",
        "metadata": {"shop": "here", "hold": "7"},
        "custom_text": {"submit": {"message": "Yours until 20:41."}},
        "adaptive_pricing": {"enabled": False},
        "locale": "en",
        "success_url": "http://127.0.0.1:5000/paid?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:5000/holds/7",
        "expires_at": int(time.time()) + 40 * 60,
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


def line(amount=1200, quantity=2, currency="eur", **product):
    """A line item with an inline price."""
    data = {"name": "TAPE-014 № 017", "description": "Clear shell", **product}
    return {"quantity": quantity, "price_data": {"currency": currency, "unit_amount": amount, "product_data": data}}


def rate(amount, name, currency="eur"):
    """An inline shipping rate."""
    price = {"amount": amount, "currency": currency}
    return {"shipping_rate_data": {"display_name": name, "type": "fixed_amount", "fixed_amount": price}}


def taxed(behaviour="inclusive", code="txcd_99999999", **named):
    """A line item that says how it stands to tax."""
    made = line(**named, tax_code=code)
    return {**made, "price_data": {**made["price_data"], "tax_behavior": behaviour}}


def taxed_params(*lines, **changes):
    """A session for which Stripe Tax counts."""
    posted = rate(350, "Post")
    posted["shipping_rate_data"] |= {"tax_behavior": "inclusive", "tax_code": "txcd_92010001"}
    whole = {"automatic_tax": {"enabled": True}, "line_items": list(lines) or [taxed()], "shipping_options": [posted]}
    return session_params(**whole, **changes)
