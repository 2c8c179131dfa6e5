"""Zones and rates at the desk."""

import re

import pytest
from sqlalchemy import select

from app.catalogue.models import Format, Run
from app.fulfilment.models import PostageRate, PostageZone
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from tests.builders import make_run, take_with_details
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds

RATE = {"name": "Letter", "carrier": "DHL", "amount": "4,20", "max_weight": "500", "tracked": "1", "days": "3 days"}


def _zones(db: Database) -> list[tuple[str, str]]:
    with reading(db) as session:
        return [(zone.name, zone.countries) for zone in session.scalars(select(PostageZone).order_by(PostageZone.id))]


def _rate(db: Database, rate_id: int) -> PostageRate:
    with reading(db) as session:
        return session.get_one(PostageRate, rate_id)


def test_what_a_cassette_costs(shop: Shop, manager: Desk) -> None:
    page = manager.get("/staff/postage").text
    means = page.split("What that means", 1)[1]
    assert "cassette, 80 g" in means
    france = means.split("France", 1)[1].split("</tr>", 1)[0]
    assert "€14.99" in france  # by the rest of the world
    assert "€1.95" in means.split("Germany", 1)[1].split("</tr>", 1)[0]


def _make(db: Database, shop: Shop, *things: tuple[Format, int]) -> None:
    with transaction(db) as session:
        release = session.get_one(Run, shop.run_id).release
        for format_, weight in things:
            make_run(session, release, weight=weight).format = format_


def _things(manager: Desk) -> list[str]:
    """The heads of the table that says what postage means, without the countries' own."""
    means = manager.get("/staff/postage").text.split("What that means", 1)[1]
    return re.findall(r'<th scope="col" class="num">([^<]+)</th>', means)


def test_every_thing_that_is_made_by_the_name_that_people_give_it(db: Database, shop: Shop, manager: Desk) -> None:
    _make(db, shop, (Format.VINYL_12, 320), (Format.USB_ZINE, 45), (Format.CD, 80), (Format.CASSETTE, 80))
    assert _things(manager) == ["USB-zine, 45 g", "cassette, 80 g", "CD, 80 g", "12″ vinyl, 320 g"]


def test_the_lightest_and_the_heaviest_of_many_things(db: Database, shop: Shop, manager: Desk) -> None:
    _make(db, shop, *((Format.ZINE, 100 + n) for n in range(20)), (Format.VINYL_12, 5200))
    shown = _things(manager)
    assert (len(shown), shown[0], shown[-1]) == (6, "cassette, 80 g", "12″ vinyl, 5200 g")
    heaviest = manager.get("/staff/postage").text.split("What that means", 1)[1].split("Germany", 1)[1].split("</tr>", 1)[0]
    assert "not posted" in heaviest  # the heaviest parcel may weigh 5000 g


def test_add_a_zone_and_a_rate(db: Database, shop: Shop, manager: Desk) -> None:
    url = f"/staff/labels/{shop.label_id}/postage/zones"
    answer = manager.post(url, name="Neighbours", where="countries", countries=["FR", "AT", "FR"])
    assert answer.status_code == 303
    assert _zones(db)[-1] == ("Neighbours", "AT FR")
    added = manager.post(answer.location + "/rates", **RATE)
    assert added.status_code == 303
    with reading(db) as session:
        rate = session.scalars(select(PostageRate).order_by(PostageRate.id.desc())).first()
    assert rate is not None
    assert (rate.name, rate.carrier, rate.amount, rate.max_weight, rate.tracked, rate.days) == (
        "Letter", "DHL", 420, 500, True, "3 days",
    )  # fmt: skip
    assert "€4.20" in manager.get("/staff/postage").text.split("What that means", 1)[1].split("France", 1)[1].split("</tr>", 1)[0]
    assert [len(deeds(db, deed)) for deed in ("zone.added", "rate.added")] == [1, 1]


def test_the_union_is_one_tick_and_twice_is_warned_of(db: Database, shop: Shop, manager: Desk) -> None:
    url = f"/staff/labels/{shop.label_id}/postage/zones"
    manager.post(url, name="Union", where="countries", union="1", countries="CH")
    assert {"CH", "FR", "SK"} < set(_zones(db)[-1][1].split())
    page = manager.get("/staff/postage").text
    assert "Some countries stand in more than one zone." in page
    assert "Germany (Home, Union)" in page


def test_change_a_zone(db: Database, shop: Shop, manager: Desk) -> None:
    assert manager.post("/staff/postage/zones/1", name="Home", where="rest", countries="FR").status_code == 303
    assert _zones(db)[0] == ("Home", "*")
    assert manager.post("/staff/postage/zones/1", name="Nowhere", where="countries").status_code == 303
    assert _zones(db)[0] == ("Nowhere", "")
    assert "nobody is served by it" in manager.get("/staff/postage").text


@pytest.mark.parametrize(
    "fields",
    [
        {"where": "countries"},
        {"name": "World", "where": "rest"},
        {"name": "X", "where": "moon"},
        {"name": "X", "where": "countries", "countries": "XX"},
        {"name": "X", "where": "countries", "countries": "*"},
        {"name": "x" * 61, "where": "rest"},
    ],
)
def test_zones_that_cannot_be(db: Database, shop: Shop, manager: Desk, fields: dict[str, str]) -> None:
    before = _zones(db)
    for url in (f"/staff/labels/{shop.label_id}/postage/zones", "/staff/postage/zones/1"):
        answer = manager.post(url, **fields)
        assert answer.status_code == 422
        assert "field-error" in answer.text
    assert _zones(db) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""), ("days", "x" * 41),
        ("amount", ""), ("amount", "-1"), ("amount", "1e9"), ("amount", "1,000.00"), ("amount", "NaN"), ("amount", "4.999"),
        ("amount", "999999999"), ("max_weight", "0"), ("max_weight", "1.5"), ("max_weight", "100001"), ("max_weight", "١"),
    ],
)  # fmt: skip
def test_rates_that_cannot_be(db: Database, shop: Shop, manager: Desk, name: str, value: str) -> None:
    for url in ("/staff/postage/zones/1/rates", "/staff/postage/rates/1"):
        assert manager.post(url, **{**RATE, name: value}).status_code == 422
    with reading(db) as session:
        amounts = select(PostageRate.amount).where(PostageRate.zone_id == 1).order_by(PostageRate.id)
        assert session.scalars(amounts).all() == [195, 619]


def test_a_rate_nobody_chose_changes_in_place(db: Database, shop: Shop, manager: Desk) -> None:
    assert manager.post("/staff/postage/rates/1", **RATE).status_code == 303
    assert (_rate(db, 1).amount, _rate(db, 1).retired_at) == (420, None)


def test_a_chosen_rate_gives_way_to_a_new_one(db: Database, shop: Shop, manager: Desk) -> None:
    hold = take_with_details(db, shop.drop_id, {shop.run_id: 1})
    with transaction(db) as session:
        session.get_one(Hold, hold.id).rate_id = 1
    assert manager.post("/staff/postage/rates/1", **RATE).status_code == 303
    old = _rate(db, 1)
    assert (old.amount, old.retired_at is not None) == (195, True)
    with reading(db) as session:
        new = session.scalars(select(PostageRate).order_by(PostageRate.id.desc())).first()
    assert new is not None
    assert (new.zone_id, new.amount) == (old.zone_id, 420)
    again = manager.post("/staff/postage/rates/1", **RATE)
    assert again.status_code == 409


def test_retire(db: Database, shop: Shop, manager: Desk) -> None:
    assert manager.post("/staff/postage/rates/1/retire").status_code == 303
    assert _rate(db, 1).retired_at is not None
    assert manager.post("/staff/postage/rates/1/retire").status_code == 409
    assert len(deeds(db, "rate.retired")) == 1
    assert "€6.19" in manager.get("/staff/postage").text.split("What that means", 1)[1].split("</tr>", 2)[1]
