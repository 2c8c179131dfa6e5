"""Every column in which a fan might stand was thought about."""

from collections import Counter

import pytest
from sqlalchemy import JSON, Enum, String

from app.kernel.db import Database
from app.privacy.places import PLACES, How
from app.tables import metadata
from tests.builders import open_drop
from tests.privacy.people import asks, close, found, later, noted_order, wish

SAID = [(place.table, column) for place in PLACES for column in place.columns.split()]
FREE = {
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.c
    if isinstance(column.type, (String, JSON)) and not isinstance(column.type, Enum)
}


def test_every_text_and_json_column_has_its_place() -> None:
    assert sorted(FREE - set(SAID)) == [], "say in app/privacy/places.py whether a fan may stand there, and how they go"
    assert sorted(set(SAID) - FREE) == [], "there is no such column any more"
    assert [each for each, count in Counter(SAID).items() if count > 1] == []


def test_whatever_holds_a_fan_says_how_long_and_why() -> None:
    assert [place.table for place in PLACES if place.how is not How.NOBODY and not place.kept] == []
    assert [place.table for place in PLACES if not place.what] == []


def test_what_is_said_to_go_is_where_a_fan_was(db: Database) -> None:
    """The story of a sent order fills what the table says goes, and afterwards none of it is left."""
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    wish(db, drop)
    close(db, drop)
    before = found(db)
    goes = {
        f"{place.table}.{name}" for place in PLACES if place.how not in {How.STAYS, How.NOBODY} for name in place.columns.split()
    }
    assert before <= goes
    assert len(before) > 15
    asks(db)
    later(db)
    assert found(db) == set()


@pytest.mark.parametrize("how", [How.EMPTIED, How.REMOVED, How.CUT, How.COUNTED, How.LAST])
def test_each_way_of_going_is_used(how: How) -> None:
    assert any(place.how is how for place in PLACES)
