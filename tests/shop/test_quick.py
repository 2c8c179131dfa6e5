"""The plain click is answered as Flask would: the same status, the same headers, the same bytes, the same rows."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from app.drops import stopping
from app.drops.models import Drop, DropRun
from app.drops.sale import Sale
from app.inventory.models import Hold, StockMovement
from app.kernel.db import Database, reading, transaction
from app.shop import gone, quick
from tests.builders import open_drop, take_some
from tests.cast import BEN, NOW
from tests.shop.shopper import JSON

# What differs from one click to the next.
OWN = re.compile(r'[0-9a-f]{1,16}-[A-Za-z0-9_-]{27}|fan=[^;]+|Expires=[^;]+|(?<=X-Request-Id: )\w+|(?<="number":)\d+')


def click(client: FlaskClient, *, plain: bool, headers: dict[str, str] | None = None) -> TestResponse:
    """The button of the drop page; not plain with one more field, which changes nothing."""
    data = {"run": "run-1", "quantity": "1", **({} if plain else {"more": "x"})}
    return client.post("/drops/drop-1/holds", data=data, headers=headers or {})


def alike(answer: TestResponse) -> tuple[int, list[str], str]:
    """Without what is its own."""
    headers = sorted(OWN.sub("…", f"{name}: {value}") for name, value in answer.headers)
    return answer.status_code, headers, OWN.sub("…", answer.text)


@pytest.mark.parametrize("headers", [{}, JSON, {"Sec-Fetch-Site": "same-origin", "Origin": "https://shop.example"}])
def test_it_says_what_flask_says(app: Flask, db: Database, headers: dict[str, str]) -> None:
    open_drop(db, size=4)
    slow, fast = app.test_client(), app.test_client()
    for _ in range(2):  # the first click, and the same again
        asked = [click(slow, plain=False, headers=headers), click(fast, plain=True, headers=headers)]
        assert alike(asked[0]) == alike(asked[1])
    with reading(db) as session:
        moved = session.execute(select(StockMovement.before, StockMovement.after, StockMovement.actor, StockMovement.reason))
        assert [tuple(row) for row in moved if row.before] == [("available", "held", "fan", "")] * 2


@pytest.mark.parametrize("headers", [{}, JSON])
def test_too_late_is_said_as_flask_says_it_and_once_more_from_memory(
    app: Flask, db: Database, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop, run = open_drop(db, size=1)
    take_some(db, drop, {run: 1}, BEN)
    monkeypatch.setattr(gone, "SECONDS", 60.0)
    flask = click(app.test_client(), plain=False, headers=headers)
    assert flask.status_code == 409
    first = click(app.test_client(), plain=True, headers=headers)
    monkeypatch.setattr(quick, "take", None)  # it is not looked for again
    again = click(app.test_client(), plain=True, headers=headers)
    assert alike(flask) == alike(first) == alike(again)


def test_who_holds_copies_is_not_told_that_all_are_gone(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    open_drop(db, size=1)
    monkeypatch.setattr(gone, "SECONDS", 60.0)
    mine, other = app.test_client(), app.test_client()
    held = click(mine, plain=True)
    assert click(other, plain=True).status_code == 409
    assert click(other, plain=True).status_code == 409
    assert click(mine, plain=True).headers["Location"] == held.headers["Location"]


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_another_site_is_refused(client: FlaskClient, db: Database, headers: dict[str, str]) -> None:
    open_drop(db)
    assert click(client, plain=True, headers=headers).status_code == 403
    with reading(db) as session:
        assert [row for row in session.scalars(select(StockMovement)) if row.before] == []


CHANGES: list[dict[str, object]] = [
    {"paused_at": NOW},
    {"closed_at": NOW, "close_reason": "Wrong tapes."},
    {"closes_at": NOW},
    {"published_at": None},
    {"opens_at": NOW + timedelta(hours=1)},
    {"limit_per_fan": 1},
]


def _change_after_a_click(app: Flask, db: Database, changed: dict[str, object]) -> int:
    """Somebody clicks, the drop is changed, and another clicks within the same second: their status."""
    drop, _ = open_drop(db, size=9, limit=2)
    assert click(app.test_client(), plain=True).status_code == 303
    with transaction(db) as session:
        session.execute(update(Drop).where(Drop.id == drop).values(**changed))
    return app.test_client().post("/drops/drop-1/holds", data={"run": "run-1", "quantity": "2"}).status_code


@pytest.mark.usefixtures("unchecked")  # nobody could change an open drop so
@pytest.mark.parametrize("changed", CHANGES, ids=lambda changed: next(iter(changed)))
def test_what_has_changed_since_the_last_click_counts(app: Flask, db: Database, changed: dict[str, object]) -> None:
    assert _change_after_a_click(app, db, changed) in {403, 404, 409, 422}
    with reading(db) as session:
        assert session.scalar(select(func.count(Hold.id))) == 1


@pytest.mark.usefixtures("unchecked")
def test_without_the_look_at_what_has_changed_it_would_not_count(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sale, "unchanged", lambda *_: None)
    remembers = not db.is_sqlite  # there a take reads the drop itself
    assert (_change_after_a_click(app, db, {"paused_at": NOW}) == 303) is remembers


@pytest.mark.parametrize("headers", [{}, JSON])
def test_a_stop_is_told_at_once_and_a_reopened_drop_sells_at_once(app: Flask, db: Database, headers: dict[str, str]) -> None:
    drop, _ = open_drop(db, size=9)
    assert click(app.test_client(), plain=True).status_code == 303
    with transaction(db) as session:
        stopping.stop(session, drop, "Wrong tapes.", NOW)
    for _ in range(2):  # what the first one found is remembered
        stopped = click(app.test_client(), plain=True, headers=headers)
        assert (stopped.status_code, "The label has stopped this drop. Wrong tapes." in stopped.text) == (403, True)
    with transaction(db) as session:
        stopping.reopen(session, drop, "All are here.", NOW)
    assert click(app.test_client(), plain=True, headers=headers).status_code in {201, 303}


@pytest.mark.usefixtures("unchecked")
def test_a_run_that_is_not_in_the_drop_any_more_is_not_sold_in_it(app: Flask, db: Database) -> None:
    drop, _ = open_drop(db, size=9)
    assert click(app.test_client(), plain=True).status_code == 303
    with transaction(db) as session:
        session.execute(delete(DropRun).where(DropRun.drop_id == drop))
    assert click(app.test_client(), plain=True).status_code in {400, 403, 404, 409, 422}
