"""A fan who needs no browser: pays a session with a card or a bank account, under a made-up name and address if need be."""

from collections.abc import Mapping
from typing import Any

from sandbox import confirm
from sandbox.box import Sandbox
from sandbox.cards import Card
from sandbox.errors import invalid
from sandbox.sessions import retrieve

Json = dict[str, Any]

BANK_ACCOUNT = "sepa_debit"
_ADDRESS = {"line1": "Prüfweg 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}


def pay(box: Sandbox, session_id: str, card: str, wanted: Json) -> confirm.Outcome:
    """Pay with ``card`` (or ``sepa_debit``); ``wanted`` may have email, name, phone, address and shipping_rate."""
    details = _details(wanted, retrieve(box, session_id))
    with box.store.transaction():
        if card == BANK_ACCOUNT:
            return confirm.pay_later(box, session_id, details)
        return confirm.pay(box, session_id, Card("".join(card.split())), details)


def _details(wanted: Json, session: Json) -> confirm.Details:
    """Who pays; an address is made up where the session asks for one and none is given."""
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries") or []
    made_up = _ADDRESS | {"country": allowed[0]} if allowed else {}
    address = wanted.get("address", made_up)
    if not isinstance(address, Mapping) or set(address) - {"line1", "line2", "city", "postal_code", "state", "country"}:
        raise invalid("address takes line1, line2, city, postal_code, state and country", param="address")
    return confirm.Details(
        email=wanted.get("email", "fan@example.com"),
        name=wanted.get("name", "Ada Fan"),
        phone=wanted.get("phone"),
        address=dict(address),
        shipping_rate=wanted.get("shipping_rate"),
    )
