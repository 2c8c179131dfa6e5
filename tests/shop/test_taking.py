"""POST /drops/<slug>/holds: the click, what it refuses, and that a refusal writes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.drops.models import Drop
from app.inventory import counts
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from tests.builders import make_drop, make_label, make_release, make_run, open_drop
from tests.cast import NOW, StoppedClock
from tests.shop.shopper import JSON

BAD_QUANTITIES = [
    "0", "-1", "1.5", "1e9", "9" * 20, "NaN", "", "\u0661", "1 OR 1=1", "0x1", "true", "+1", " 1", "1\x00", "１", "101",
]  # fmt: skip


def post(client: FlaskClient, quantity: str = "1", run: str = "run-1", **kwargs):
    """The button of the drop page."""
    return client.post("/drops/drop-1/holds", data={"run": run, "quantity": quantity}, **kwargs)


def holds_made(db: Database) -> int:
    """How many holds there are."""
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(Hold)) or 0


def test_the_first_click_sets_a_cookie_and_leads_to_the_hold(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    answer = post(client)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/holds/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    again = post(client)
    assert again.headers["Location"] == answer.headers["Location"]
    assert "Set-Cookie" not in again.headers


def test_json_says_201_and_then_200(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    first = post(client, "2", headers=JSON)
    assert first.status_code == 201
    assert first.json["copies"] == [{"run": "run-1", "number": 1}, {"run": "run-1", "number": 2}]
    assert first.json["expires_at"] == "2026-11-27T19:10:00.000Z"
    again = post(client, "2", headers=JSON)
    assert (again.status_code, again.json) == (200, first.json)
    fewer = post(client, "1", headers=JSON)
    assert (fewer.status_code, fewer.json["copies"]) == (201, [{"run": "run-1", "number": 1}])
    assert fewer.json["token"] == first.json["token"]


@pytest.mark.parametrize("quantity", BAD_QUANTITIES)
def test_a_quantity_is_a_whole_number(client: FlaskClient, db: Database, quantity: str) -> None:
    _, run_id = open_drop(db)
    answer = post(client, quantity)
    assert answer.status_code == 422
    assert post(client, quantity, headers=JSON).json["code"] == "bad-input"
    assert "Set-Cookie" not in answer.headers
    assert holds_made(db) == 0
    with reading(db) as session:
        assert counts.available(session, run_id) == 10


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"run": "run-1"},
        {"quantity": "1"},
        {"run": ["run-1"], "quantity": ["1", "5"]},
        {"run": ["run-1", "run-1"], "quantity": ["1", "5"]},
        {"run": ["run-1", "run-9"], "quantity": ["1", "1"]},
        {"run": "", "quantity": "1"},
        {"run": "run-1\x00", "quantity": "1"},
        {"run": "' OR 1=1--", "quantity": "1"},
        {"run": [f"run-{n}" for n in range(80)], "quantity": ["1"] * 80},
    ],
)
def test_pairs_must_be_pairs(client: FlaskClient, db: Database, form: dict[str, object]) -> None:
    open_drop(db)
    assert client.post("/drops/drop-1/holds", data=form).status_code == 422
    assert holds_made(db) == 0


def test_the_address_line_orders_nothing(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    assert client.post("/drops/drop-1/holds?run=run-1&quantity=5").status_code == 422
    one = client.post("/drops/drop-1/holds?quantity=5&qty=9", data={"run": "run-1", "quantity": "1"}, headers=JSON)
    assert len(one.json["copies"]) == 1


def test_two_runs_in_one_click_all_or_nothing(client: FlaskClient, db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        runs = [make_run(session, make_release(session, label), size=size) for size in (10, 1)]
        make_drop(session, runs)
    both = {"run": ["run-1", "run-2"], "quantity": ["2", "1"]}
    too_many = {"run": ["run-1", "run-2"], "quantity": ["2", "2"]}
    answer = client.post("/drops/drop-1/holds", data=too_many)
    assert answer.status_code == 409
    assert holds_made(db) == 0
    assert len(client.post("/drops/drop-1/holds", data=both, headers=JSON).json["copies"]) == 3


@pytest.mark.parametrize(
    ("slug", "published"), [("drop-7", True), ("drop-1", False), ("x" * 3000, True), ("..", True), ("a%00", True), ("%ff", True)]
)
def test_a_drop_that_is_none(client: FlaskClient, db: Database, slug: str, published: bool) -> None:
    with transaction(db) as session:
        make_drop(session, [make_run(session, make_release(session, make_label(session)))], published=published)
    assert client.post(f"/drops/{slug}/holds", data={"run": "run-1", "quantity": "1"}).status_code == 404
    assert holds_made(db) == 0


def test_too_early_too_late_and_paused(client: FlaskClient, db: Database, clock: StoppedClock) -> None:
    drop_id, _ = open_drop(db)
    opens_at = NOW - timedelta(minutes=5)
    clock.set(opens_at - timedelta(milliseconds=1))
    early = post(client, headers=JSON)
    assert (early.status_code, early.json["code"]) == (403, "not-open-yet")
    assert post(client).status_code == 403
    clock.set(opens_at)
    with transaction(db) as session:
        drop = session.get_one(Drop, drop_id)
        drop.paused_at, drop.pause_reason = NOW, "The pressing plant called."
    paused = post(client)
    assert paused.status_code == 403
    assert "The pressing plant called." in paused.text
    with transaction(db) as session:
        drop = session.get_one(Drop, drop_id)
        drop.paused_at, drop.closes_at = None, NOW
    clock.set(NOW)
    closed = post(client, headers=JSON)
    assert (closed.status_code, closed.json["code"]) == (403, "closed")
    assert holds_made(db) == 0


def test_over_the_limit_and_sold_out(app: Flask, client: FlaskClient, db: Database) -> None:
    open_drop(db, size=2, limit=1)
    over = post(client, "2", headers=JSON)
    assert (over.status_code, over.json["code"]) == (409, "over-limit")
    assert post(client).status_code == 303
    assert post(app.test_client()).status_code == 303
    gone = post(app.test_client())
    assert gone.status_code == 409
    assert "All copies are held by other fans." in gone.text
    assert "Set-Cookie" not in gone.headers


def test_twenty_clicks_of_one_browser_are_one_hold(app: Flask, client: FlaskClient, db: Database) -> None:
    open_drop(db)
    post(client, "1")
    cookie = client.get_cookie("fan")
    assert cookie is not None

    def click(_: int) -> tuple[int, str]:
        browser = app.test_client()
        browser.set_cookie("fan", cookie.decoded_value)
        answer = post(browser, "2", headers=JSON)
        return answer.status_code, answer.json["token"]

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(click, range(20)))
    assert len({token for _, token in answers}) == 1
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert holds_made(db) == 1


def test_twenty_first_clicks_with_one_new_cookie_are_one_hold(app: Flask, client: FlaskClient, db: Database) -> None:
    """The race for the unique index, from the browser's side: the cookie is known, the hold is not there yet."""
    open_drop(db)
    post(client, "1")
    hold = post(client, "1").headers["Location"]
    client.post(f"{hold}/put-back")
    cookie = client.get_cookie("fan")
    assert cookie is not None

    def click(_: int) -> tuple[int, str]:
        browser = app.test_client()
        browser.set_cookie("fan", cookie.decoded_value)
        answer = post(browser, "1", headers=JSON)
        return answer.status_code, answer.json["token"]

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(click, range(20)))
    assert len({token for _, token in answers}) == 1
    assert {status for status, _ in answers} <= {200, 201}


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "é", "x" * 3000, "IlFadUwtVDFpMUo1VDhUZjJqa0lWN0Ei.forged"])
def test_a_forged_cookie_is_no_fan(app: Flask, db: Database, cookie: str) -> None:
    open_drop(db)
    browser = app.test_client()
    browser.set_cookie("fan", cookie)
    answer = post(browser)
    assert answer.status_code == 303
    assert "fan=" in answer.headers["Set-Cookie"]


def test_none_of_two_runs_leads_back_to_the_drop(client: FlaskClient, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        make_drop(session, [make_run(session, release), make_run(session, release)])
    answer = client.post("/drops/drop-1/holds", data={"run": ["run-1", "run-2"], "quantity": ["0", "0"]})
    assert answer.status_code == 422
    assert "How many do you want?" in answer.text
    assert "Choose at least one copy. Nothing was held." in answer.text
    assert 'href="/drops/drop-1"' in answer.text
    assert holds_made(db) == 0
