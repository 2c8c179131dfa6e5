"""Postage by zone and weight: the country's own zone before the rest of the world, cheapest first."""

import pytest

from app.fulfilment import postage
from app.fulfilment.models import PostageRate, PostageZone
from app.kernel.db import Database, reading, transaction
from app.kernel.money import Money
from tests.builders import make_label
from tests.cast import NOW


def _rate(id_: int, amount: int, most: int, *, retired: bool = False) -> PostageRate:
    return PostageRate(
        id=id_, name=f"rate {id_}", amount=amount, max_weight=most, tracked=False, days="", retired_at=NOW if retired else None
    )


ZONES = (
    PostageZone(name="Home", countries="DE", rates=[_rate(1, 619, 5000), _rate(2, 195, 500), _rate(3, 100, 5000, retired=True)]),
    PostageZone(name="Near", countries="AT CH", rates=[_rate(4, 900, 1000)]),
    PostageZone(name="World", countries="*", rates=[_rate(5, 1499, 2000)]),
    PostageZone(name="Once", countries="FR", rates=[_rate(6, 1, 9000, retired=True)]),
)


@pytest.mark.parametrize(
    ("country", "weight", "rates"),
    [
        ("DE", 500, [2, 1]),
        ("DE", 501, [1]),
        ("DE", 5001, []),
        ("AT", 1000, [4]),
        ("AT", 1001, []),  # its own zone is what there is; the world's rate is not for it
        ("JP", 2000, [5]),
        ("JP", 2001, []),
        ("FR", 100, []),
        ("D", 100, [5]),
        ("", 100, [5]),
    ],
)
def test_which_rates_serve(country: str, weight: int, rates: list[int]) -> None:
    assert [offer.rate_id for offer in postage.offers(ZONES, country, weight, "EUR")] == rates


def test_an_offer_says_what_it_costs() -> None:
    [offer] = postage.offers(ZONES, "JP", 1, "JPY")
    assert (offer.zone, offer.name, offer.amount) == ("World", "rate 5", Money(1499, "JPY"))


def test_postage_from() -> None:
    assert postage.cheapest(ZONES, 100, "EUR") == Money(195, "EUR")
    assert postage.cheapest(ZONES, 501, "EUR") == Money(619, "EUR")
    assert postage.cheapest(ZONES, 99_999, "EUR") is None


def test_which_countries_are_served() -> None:
    assert postage.countries(ZONES, ["AT", "DE", "FR", "JP"]) == ["AT", "DE", "FR", "JP"]
    assert postage.countries(ZONES[:2], ["AT", "DE", "FR", "JP"]) == ["AT", "DE"]
    assert postage.countries(ZONES[3:], ["FR"]) == []


def test_zones_come_with_their_rates(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        make_label(session)
    with reading(db) as session:
        zones = postage.zones(session, label.id)
    assert [(zone.name, [rate.amount for rate in zone.rates]) for zone in zones] == [("Home", [195, 619]), ("World", [1499])]
