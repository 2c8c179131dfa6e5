"""Another country in the set-up brings its currency and time zone, as long as nobody chose others; nothing is made unseen."""

import html
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.catalogue.models import Label
from app.kernel.db import Database, reading
from tests.cast import StoppedClock
from tests.flows.test_first_run import LABEL, founded, led
from tests.site import make_app
from tests.staff.seat import words

FORM = {**LABEL, "proposed": "GB", "country": "IE", "currency": "GBP", "time_zone": "Europe/London"}


@pytest.fixture
def app(db: Database, clock: StoppedClock) -> Flask:
    return make_app(db, clock)


def chosen(page: str) -> dict[str, str]:
    """What the form's lists stand at, and which country they were proposed for."""
    lists = re.findall(r'<select[^>]* name="([a-z_]+)".*?<option value="([^"]+)" selected', page, re.DOTALL)
    return dict(lists) | dict(re.findall(r'<input type="hidden" name="(proposed)" value="([^"]*)"', page))


def test_without_a_script_the_form_comes_back_with_them(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = founded(app, db, clock)
    answer = seat.post("/staff/setup/label", FORM)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Parcels leave from Ireland, so this now says EUR and Europe/Dublin." in words(answer)
    assert chosen(page) == {"country": "IE", "currency": "EUR", "time_zone": "Europe/Dublin", "proposed": "IE"}
    assert 'value="Tinsel Tapes"' in html.unescape(page)
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(Label)) == 0
    assert led(seat.post("/staff/setup/label", {**FORM, **chosen(page)})) == (303, "/staff/setup/look")
    with reading(db) as session:
        label = session.scalars(select(Label)).one()
        assert (label.country, label.currency, label.time_zone) == ("IE", "EUR", "Europe/Dublin")


def test_what_was_chosen_by_hand_stays(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = founded(app, db, clock)
    page = seat.post("/staff/setup/label", {**FORM, "currency": "USD"}).get_data(as_text=True)
    assert chosen(page) == {"country": "IE", "currency": "USD", "time_zone": "Europe/Dublin", "proposed": "IE"}
    again = {**FORM, **chosen(page), "currency": "GBP", "time_zone": "Europe/London"}
    assert led(seat.post("/staff/setup/label", again)) == (303, "/staff/setup/look")
    with reading(db) as session:
        label = session.scalars(select(Label)).one()
        assert (label.country, label.currency, label.time_zone) == ("IE", "GBP", "Europe/London")


@pytest.mark.parametrize("proposed", ["IE", "", "nowhere"])
def test_nothing_is_proposed_where_nothing_is_to_be_followed(app: Flask, db: Database, clock: StoppedClock, proposed: str) -> None:
    seat = founded(app, db, clock)
    assert led(seat.post("/staff/setup/label", {**FORM, "proposed": proposed})) == (303, "/staff/setup/look")


def test_what_is_wrong_is_said_first(app: Flask, db: Database, clock: StoppedClock) -> None:
    answer = founded(app, db, clock).post("/staff/setup/label", {**FORM, "name": ""})
    assert answer.status_code == 422
    assert chosen(answer.get_data(as_text=True))["proposed"] == "GB"
