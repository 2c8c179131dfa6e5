"""A postal address as its country writes it, in the letters in which it was typed."""

from flask import Flask

from app.web import address_form


def _read(country: str, **typed: str) -> tuple[str, str]:
    fields = {"name": "Tanaka Yui", "line1": "Karasuma-dori 1-2", "line2": "", "city": "Kyoto", "region": "", **typed}
    with Flask(__name__).test_request_context(method="POST", data=fields):
        found = address_form.read(country)
    return found.city, found.region


def test_a_region_is_as_the_data_has_it() -> None:
    assert _read("US", city="Portland", region="Oregon", postal_code="97205") == ("Portland", "OR")
    assert _read("JP", city="京都市", region="京都府", postal_code="600-8216") == ("京都市", "京都府")


def test_latin_letters_stay_latin_for_carriers_that_read_no_others() -> None:
    assert _read("JP", region="Kyoto", postal_code="600-8216") == ("Kyoto", "Kyoto")
