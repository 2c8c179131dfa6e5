"""Stripe Tax, as far as a shop with prices that include it needs: counted once the address is known, line by line.

Rates are a few countries' own, as if the account were registered there; elsewhere nothing is collected, and it says so.
"""

from typing import Any

from sandbox import objects
from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid, unsupported
from sandbox.params import bracketed

Json = dict[str, Any]

BOOKS, SHIPPING = "txcd_35010000", "txcd_92010001"
_STANDARD = {
    "AT": 20,
    "BE": 21,
    "DE": 19,
    "DK": 25,
    "ES": 21,
    "FI": 25.5,
    "FR": 20,
    "IE": 23,
    "IT": 22,
    "NL": 21,
    "PL": 23,
    "SE": 25,
}
_BOOKS = {"AT": 10, "BE": 6, "DE": 7, "ES": 4, "FI": 13.5, "FR": 5.5, "IE": 0, "IT": 4, "NL": 9, "PL": 5, "SE": 6}


def settings(box: Sandbox) -> Json:
    """What ``GET /v1/tax/settings`` answers: ready, with a head office."""
    address = objects.address() | {"city": "Berlin", "country": box.options.country, "line1": "Sandweg 1", "postal_code": "10115"}
    return {
        "object": "tax.settings", "defaults": {"provider": "stripe", "tax_behavior": None, "tax_code": "txcd_10000000"},
        "head_office": {"address": address}, "livemode": False, "status": "active", "status_details": {"active": {}},
    }  # fmt: skip


def begin(session: Json, params: Json) -> None:
    """Switch it on for a new session; every price says how it stands to tax."""
    if not (params.get("automatic_tax") or {}).get("enabled"):
        return
    for index, line in enumerate(params.get("line_items") or []):
        _check_behaviour(line.get("price_data") or {}, ("line_items", index, "price_data"))
    for index, option in enumerate(params.get("shipping_options") or []):
        _check_behaviour(option.get("shipping_rate_data") or {}, ("shipping_options", index, "shipping_rate_data"))
    session["automatic_tax"] = {
        "enabled": True, "liability": {"type": "self"}, "provider": "stripe", "status": "requires_location_inputs",
    }  # fmt: skip


def count(box: Sandbox, session: Json) -> None:
    """Count the tax within a session whose address is known; its total stays."""
    if not session["automatic_tax"]["enabled"]:
        return
    shipping = (session["collected_information"] or {}).get("shipping_details") or session["customer_details"]
    country = shipping["address"]["country"]
    if not country:
        raise StripeError("We could not determine the customer's tax location.", code="customer_tax_location_invalid")
    private, found = box.store.get("private.session", session["id"]), {}
    for line in private["line_items"]:
        code = (box.store.find("private.product", line["price"]["product"]) or {}).get("tax_code")
        found[line["id"]] = _taxes(box, line["amount_total"], country, books=code == BOOKS)
        line["amount_tax"] = sum(tax["amount"] for tax in found[line["id"]])
    only_books = all(tax["taxability_reason"] == "reduced_rated" for taxes in found.values() for tax in taxes)
    posted: Json = session["shipping_cost"] or {"amount_total": 0}
    of_shipping = _taxes(box, posted["amount_total"], country, books=only_books) if session["shipping_cost"] else []
    posted["amount_tax"] = sum(tax["amount"] for tax in of_shipping)
    session["total_details"]["amount_tax"] = posted["amount_tax"] + sum(line["amount_tax"] for line in private["line_items"])
    session["automatic_tax"]["status"] = "complete"
    box.store.put("private.session", private, session["id"])
    box.store.put("private.taxes", {"lines": found, "shipping": of_shipping}, session["id"])


def of_lines(box: Sandbox, session: Json) -> None:
    """Expand the taxes of the lines of a session, whose lines are expanded."""
    taxes = _kept(box, session)["lines"]
    for line in session["line_items"]["data"]:
        line["taxes"] = taxes.get(line["id"], [])


def of_shipping(box: Sandbox, session: Json) -> None:
    """Expand the taxes of the shipping cost."""
    if session["shipping_cost"]:
        session["shipping_cost"]["taxes"] = _kept(box, session)["shipping"]


def breakdown(box: Sandbox, session: Json) -> None:
    """Expand the total's taxes, added up by rate."""
    kept = _kept(box, session)
    sums: dict[tuple[float, str], Json] = {}
    for tax in (*(tax for taxes in kept["lines"].values() for tax in taxes), *kept["shipping"]):
        key = (tax["rate"]["percentage"], tax["taxability_reason"])
        before = sums.get(key, {"amount": 0, "taxable_amount": 0})
        sums[key] = {**tax, **{name: tax[name] + before[name] for name in ("amount", "taxable_amount")}}
    session["total_details"]["breakdown"] = {"discounts": [], "taxes": list(sums.values())}


def _kept(box: Sandbox, session: Json) -> Json:
    return box.store.find("private.taxes", session["id"]) or {"lines": {}, "shipping": []}


def _check_behaviour(data: Json, path: tuple[object, ...]) -> None:
    where = bracketed((*path, "tax_behavior"))
    behaviour = data.get("tax_behavior", "unspecified")
    if behaviour == "unspecified":
        message = "You must specify `tax_behavior` on every price when automatic tax is enabled and the account has no default."
        raise invalid(message, param=where)
    if behaviour != "inclusive":
        raise unsupported(where, "tax on top of prices.")


def _taxes(box: Sandbox, gross: int, country: str, *, books: bool) -> list[Json]:
    """One tax, half up; where the account is not registered one of nothing."""
    known = country in _STANDARD
    percentage = (_BOOKS if books else _STANDARD).get(country, _STANDARD.get(country, 0))
    points = round(percentage * 100)
    amount = (2 * gross * points + 10_000 + points) // (2 * (10_000 + points))
    reduced = books and country in _BOOKS
    why = "not_collecting" if not known else "zero_rated" if not points else "reduced_rated" if reduced else "standard_rated"
    return [
        {
            "amount": amount, "rate": _rate(box, country, percentage), "taxability_reason": why,
            "taxable_amount": gross - amount if known else 0,
        }
    ]  # fmt: skip


def _rate(box: Sandbox, country: str, percentage: float) -> Json:
    return {
        "id": box.ids.new("txr_"), "object": "tax_rate", "active": False, "country": country, "created": box.clock.stamp(),
        "description": None, "display_name": "VAT", "effective_percentage": percentage, "flat_amount": None, "inclusive": True,
        "jurisdiction": country, "jurisdiction_level": "country", "livemode": False, "metadata": {}, "percentage": percentage,
        "rate_type": "percentage", "state": None, "tax_type": "vat",
    }  # fmt: skip
