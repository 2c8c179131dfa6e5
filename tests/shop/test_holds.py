"""The hold's own page: whose it is, what it says, and how it is found again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.inventory.models import Hold
from app.kernel.db import Database, transaction
from tests.builders import open_drop
from tests.cast import StoppedClock
from tests.shop.shopper import JSON
from tests.shop.test_taking import post


def test_knowing_the_link_is_owning_it(app: Flask, client: FlaskClient, db: Database) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    other = app.test_client()
    page = other.get(hold)
    assert page.status_code == 200
    assert "№ 01/10" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in page.headers
    assert other.post(f"{hold}/put-back").status_code == 303


def test_json_of_a_hold(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    made = post(client, headers=JSON).json
    found = client.get(f"/holds/{made['token']}", headers=JSON).json
    assert found == {
        "token": made["token"],
        "state": "active",
        "expires_at": "2026-11-27T19:10:00.000Z",
        "copies": [{"run": "run-1", "number": 1}],
        "total": {"amount": 2595, "currency": "EUR"},
    }


@pytest.mark.parametrize("deed", ["", "/paid"])
@pytest.mark.parametrize("change", ["flip", "cut", "longer", "huge", "nul", "up", "unicode", "id"])
def test_a_token_that_is_none(client: FlaskClient, db: Database, deed: str, change: str) -> None:
    open_drop(db)
    token = post(client, headers=JSON).json["token"]
    wrong = {
        "flip": token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        "cut": token[:-1],
        "longer": token + "A",
        "huge": "x" * 10240,
        "nul": "a%00b",
        "up": "..",
        "unicode": "№١",
        "id": "2" + token[1:],
    }[change]
    assert client.get(f"/holds/{wrong}{deed}").status_code == 404
    for way in ("checkout", "details", "put-back", "stop-paying"):
        answer = client.post(f"/holds/{wrong}/{way}", data={"shown": "2595"})
        assert answer.status_code == 404
    assert client.get(f"/holds/{token}").status_code == 200


def test_raising_the_generation_revokes_the_link(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    with transaction(db) as session:
        session.get_one(Hold, 1).generation = 2
    assert client.get(hold).status_code == 404


def test_the_cookie_leads_back(app: Flask, client: FlaskClient, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    empty = client.get("/holds")
    assert empty.status_code == 200
    assert "Nothing, right now." in empty.text
    hold = post(client).headers["Location"]
    back = client.get("/holds")
    assert (back.status_code, back.headers["Location"]) == (303, hold)
    assert back.headers["Cache-Control"] == "no-store"
    assert client.get("/holds", headers=JSON).json["holds"][0]["drop"] == "drop-1"
    assert "Nothing, right now." in app.test_client().get("/holds").text
    clock.forward(minutes=11)
    assert "Nothing, right now." in client.get("/holds").text


def test_several_drops_make_a_list(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    open_drop(db)
    first = post(client).headers["Location"]
    second = client.post("/drops/drop-2/holds", data={"run": "run-2", "quantity": "1"}).headers["Location"]
    page = client.get("/holds")
    assert page.status_code == 200
    assert first in page.text
    assert second in page.text


def test_details_stay_and_change_the_total(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    kept = client.post(f"{hold}/details", data={"email": "ada@example.org", "country": "FR", "note": "Ring twice"})
    assert (kept.status_code, kept.headers["Location"]) == (303, hold)
    page = client.get(hold).text
    assert 'value="ada@example.org"' in page
    assert "Ring twice" in page
    assert "Pay €38.99" in page
    only_country = client.post(f"{hold}/details", data={"country": "DE", "postage": "2"})
    assert only_country.status_code == 303
    page = client.get(hold).text
    assert 'value="ada@example.org"' in page
    assert "Pay €30.19" in page


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "ada", "e-mail"),
        ("email", "a" * 300 + "@example.org", "At most 254 characters."),
        ("email", "ada@example.org\r\nBcc: x@example.org", "Please type this again by hand."),
        ("country", "XX", "Please choose one of the list."),
        ("country", "de", "Please choose one of the list."),
        ("country", "", "Please choose one of the list."),
        ("postage", "1e9", "A whole number"),
        ("postage", "99999999999999999999999", "postage"),
        ("note", "x" * 501, "At most 500 characters."),
        ("note", "a\x00b", "Please type this again by hand."),
    ],
)
def test_bad_details_are_told_at_their_field(client: FlaskClient, db: Database, field: str, value: str, says: str) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    answer = client.post(f"{hold}/details", data={"email": "ada@example.org", "country": "DE", field: value})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert says in answer.text or field == "email"
    assert "Where to" in answer.text
    as_json = client.post(f"{hold}/details", data={field: value}, headers=JSON)
    assert (as_json.status_code, as_json.json["code"]) == (422, "bad-input")


def test_pay_needs_an_address_to_write_to(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    answer = client.post(f"{hold}/checkout", data={"country": "DE", "shown": "2595"})
    assert answer.status_code == 422
    assert "We need it to tell you about your order." in answer.text
    no_total = client.post(f"{hold}/checkout", data={"email": "ada@example.org"})
    assert no_total.status_code == 422


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("way", ["checkout", "details", "put-back", "stop-paying"])
def test_another_sites_page_moves_nothing(client: FlaskClient, db: Database, way: str, headers: dict[str, str]) -> None:
    open_drop(db)
    hold = post(client).headers["Location"]
    assert client.post(f"{hold}/{way}", data={"shown": "2595"}, headers=headers).status_code == 403
    assert post(client, "2", headers=headers).status_code == 403
    assert client.get(hold, headers=JSON).json["copies"] == [{"run": "run-1", "number": 1}]
