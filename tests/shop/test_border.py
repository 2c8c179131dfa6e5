"""What a fan reads of customs before paying: how much, who pays it and when; and nothing where there is no border."""

import html

import pytest
from flask.testing import FlaskClient

from app.catalogue.models import Label, Run
from app.fulfilment.models import SecondThing, Sender
from app.kernel.db import Database, transaction
from tests.builders import open_drop
from tests.shop.test_taking import post
from tests.staff.seat import words

FEE = "Import VAT and a fee of the carrier's may come on top."
COLLECTED = "The carrier collects it from you on delivery. It is not part of the total above."


@pytest.fixture
def run(db: Database) -> int:
    """A run of tapes in an open drop of a label in Zürich that sells in euro."""
    _, run_id = open_drop(db)
    with transaction(db) as session:
        session.get_one(Label, 1).country = "CH"
    return run_id


def _read(client: FlaskClient, country: str) -> str:
    hold = post(client).headers["Location"]
    client.post(f"{hold}/details", data={"country": country, "email": "", "note": "", "postage": ""})
    return html.unescape(words(client.get(hold)))


def test_the_duty_is_counted_and_who_pays_it_said(client: FlaskClient, db: Database, run: int) -> None:
    page = _read(client, "DE")
    assert "Customs takes a duty of €3.00 for this parcel: €3.00 for one kind of thing." in page
    assert COLLECTED in page
    assert FEE in page


def test_a_run_of_two_things_counts_two(client: FlaskClient, db: Database, run: int) -> None:
    with transaction(db) as session:
        session.add(SecondThing(run_id=run, what="Printed zine", hs_code="490199", price=800, weight=30))
    assert "a duty of €6.00 for this parcel: €3.00 for each of 2 kinds of things." in _read(client, "DE")


def test_a_label_that_pays_it_says_so(client: FlaskClient, db: Database, run: int) -> None:
    with transaction(db) as session:
        session.add(Sender(label_id=1, duties_prepaid=True))
    page = _read(client, "DE")
    assert "Tinsel Tapes pays it; you owe the carrier nothing for it." in page
    assert COLLECTED not in page


def test_with_ioss_it_is_the_labels_debt(client: FlaskClient, db: Database, run: int) -> None:
    with transaction(db) as session:
        session.add(Sender(label_id=1, ioss_number="IM2760000742"))
    page = _read(client, "DE")
    assert "Tinsel Tapes owes it, not you; in some countries the carrier may still ask you for it on delivery." in page
    assert "Tinsel Tapes settles the import VAT." in page
    assert FEE not in page


def test_other_borders_get_a_hint_and_none_gets_none(client: FlaskClient, db: Database, run: int) -> None:
    page = _read(client, "US")
    assert "Customs at the other end (United States) may ask for import tax and duty" in page
    assert "a duty of" not in page
    assert "At the border" not in _read(client, "CH")


def test_above_the_limit_the_ordinary_tariff_holds_and_we_do_not_know_it(client: FlaskClient, db: Database, run: int) -> None:
    with transaction(db) as session:
        session.get_one(Run, run).price = 15100
    page = _read(client, "DE")
    assert "Customs at the other end (Germany) may ask for import tax and duty" in page
    assert "a duty of" not in page
