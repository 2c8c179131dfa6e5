"""Setting postage up, without the pages."""

import pytest

from app.fulfilment import postage, tariff
from app.fulfilment.tariff import Terms
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, NotFound
from tests.builders import make_label
from tests.cast import NOW

LETTER = Terms("Letter", "DHL", 420, 500, True, "3 days")


def test_a_country_in_two_zones_is_named(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        tariff.add_zone(session, label.id, "Alps", ["CH", "AT", "DE"])
        tariff.add_zone(session, label.id, "Danube", ["AT", "HU"])
        assert tariff.twice(postage.zones(session, label.id)) == {"AT": ["Alps", "Danube"], "DE": ["Alps", "Home"]}


def test_names_are_free_per_label(db: Database) -> None:
    with transaction(db) as session:
        first, second = make_label(session).id, make_label(session).id
        alps = tariff.add_zone(session, first, "Alps", ["CH"])
        tariff.add_zone(session, second, "Alps", ["CH"])
        with pytest.raises(BadInput):
            tariff.add_zone(session, first, "Alps", ["AT"])
        assert tariff.change_zone(session, alps.id, "Alps", ["AT", "CH"]).countries == "AT CH"


def test_a_retired_rate_is_not_offered(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        zone = tariff.add_zone(session, label.id, "Alps", ["CH"])
        rate = tariff.add_rate(session, zone.id, LETTER)
        assert [offer.rate_id for offer in postage.offers(postage.zones(session, label.id), "CH", 100, "EUR")] == [rate.id]
        tariff.retire_rate(session, rate.id, NOW)
    with reading(db) as session:
        assert postage.offers(postage.zones(session, label.id), "CH", 100, "EUR") == []


def test_what_is_not_there(db: Database) -> None:
    with transaction(db) as session:
        for call in (
            lambda: tariff.change_zone(session, 9, "X", []),
            lambda: tariff.add_rate(session, 9, LETTER),
            lambda: tariff.change_rate(session, 9, LETTER, NOW),
            lambda: tariff.retire_rate(session, 9, NOW),
        ):
            with pytest.raises(NotFound):
                call()
