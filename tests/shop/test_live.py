"""The live counts: their exact shape, and a tag that stays while nothing but the time has changed."""

from flask import Flask

from app.kernel.db import Database
from tests.builders import open_drop, take_some
from tests.cast import StoppedClock
from tests.shop.looking import look

JSON = "application/json"


def test_the_whole_shape(app: Flask, db: Database) -> None:
    drop_id, run_id = open_drop(db, size=4)
    take_some(db, drop_id, {run_id: 1})
    answer = look(app, "/drops/drop-1/live")
    assert answer.content_type == JSON
    assert answer.json == {
        "now": "2026-11-27T19:00:00.000Z",
        "state": "open",
        "opens_at": "2026-11-27T18:55:00.000Z",
        "closes_at": None,
        "runs": [
            {
                "run": "run-1",
                "price": {"amount": 2400, "currency": "EUR"},
                "made": 4,
                "available": 3,
                "held": 1,
                "sold": 0,
                "withdrawn": 0,
                "copies": "haaa",
            }
        ],
    }


def test_the_tag_follows_the_copies_and_not_the_clock(app: Flask, db: Database, clock: StoppedClock) -> None:
    drop_id, run_id = open_drop(db, size=4)
    first = look(app, "/drops/drop-1/live")
    tag = first.headers["ETag"]
    assert tag.startswith("W/")
    clock.forward(seconds=5)
    again = look(app, "/drops/drop-1/live", If_None_Match=tag)
    assert again.status_code == 304
    assert again.data == b""
    take_some(db, drop_id, {run_id: 1}, now=clock.now())
    fresh = look(app, "/drops/drop-1/live", If_None_Match=tag)
    assert fresh.status_code == 200
    assert fresh.json["now"] == "2026-11-27T19:00:05.000Z"


def test_it_is_cached_for_a_second_and_carries_no_cookie(app: Flask, db: Database) -> None:
    open_drop(db)
    answer = look(app, "/drops/drop-1/live")
    assert answer.headers["Cache-Control"] == "public, max-age=1"
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert "Set-Cookie" not in answer.headers


def test_the_page_asked_for_as_json_is_the_same(app: Flask, db: Database) -> None:
    open_drop(db)
    assert look(app, "/drops/drop-1", Accept=JSON).json == look(app, "/drops/drop-1/live").json


def test_an_unknown_drop_is_a_problem_in_json(app: Flask, db: Database) -> None:
    answer = look(app, "/drops/none/live", Accept=JSON)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "not-found"


def test_the_page_and_its_counts_tell_one_story(app: Flask, db: Database) -> None:
    drop_id, run_id = open_drop(db, size=1)
    client = app.test_client()
    assert client.get("/drops/drop-1/live").json["state"] == "open"
    take_some(db, drop_id, {run_id: 1})
    assert 'data-state="open"' in client.get("/drops/drop-1").text  # still of the same second
    app.extensions["runout_memory"].clear()
    assert 'data-state="all-held"' in client.get("/drops/drop-1").text
    assert client.get("/drops/drop-1/live").json["state"] == "all-held"
