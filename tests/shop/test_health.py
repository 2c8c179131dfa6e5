"""Machines that ask how the shop is get a true answer, also when it is not well."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.kernel import heartbeat, outbox
from app.kernel.db import Database, connect, transaction
from tests.builders import open_drop, take_some
from tests.cast import NOW, StoppedClock
from tests.shop.looking import look
from tests.site import make_app

BEARER = {"Authorization": "Bearer the-token"}


def beat(db: Database, seconds_ago: float) -> None:
    """The worker was alive then."""
    with transaction(db) as session:
        heartbeat.beat(session, "worker", NOW - timedelta(seconds=seconds_ago))


def test_the_process_is_alive(app: Flask) -> None:
    assert app.test_client().get("/healthz").json == {"ok": True}


def test_ready(app: Flask, db: Database) -> None:
    beat(db, 59)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json["ok"] is True
    assert answer.json["checks"] == {"database": "ok", "migrations": "ok", "worker": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_not_ready_without_a_worker(app: Flask, db: Database) -> None:
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["checks"]["worker"]) == (503, "has never run")
    beat(db, 61)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["checks"]["worker"]) == (503, "silent for 61 seconds")


@pytest.mark.usefixtures("unchecked")
def test_not_ready_on_an_older_shape(sqlite_db: Database, clock: StoppedClock) -> None:
    beat(sqlite_db, 1)
    with transaction(sqlite_db) as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = make_app(sqlite_db, clock).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["migrations"].startswith("at older, newest is ")


def test_a_database_that_is_away(clock: StoppedClock, tmp_path: Path) -> None:
    app = make_app(connect("postgresql+psycopg://nobody@127.0.0.1:9/none", pool_size=1), clock)
    client = app.test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["database"]) == (503, "cannot be reached")
    assert client.get("/healthz").status_code == 200
    page = client.get("/")
    assert page.status_code == 503
    assert "Not right now." in page.text


def test_an_empty_file_is_not_ready(clock: StoppedClock, tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    answer = make_app(database, clock).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["migrations"].startswith("at nothing")
    database.engine.dispose()


def test_several_processes_on_sqlite_are_a_warning(sqlite_db: Database, clock: StoppedClock) -> None:
    beat(sqlite_db, 1)
    answer = make_app(sqlite_db, clock, web_processes=3).test_client().get("/readyz")
    assert answer.status_code == 200
    assert any("3 web processes share one SQLite file" in warning for warning in answer.json["warnings"])


def test_metrics_are_shut_without_a_token(app: Flask, db: Database, clock: StoppedClock) -> None:
    assert app.test_client().get("/metrics", headers=BEARER).status_code == 404
    guarded = make_app(db, clock, metrics_token="the-token").test_client()
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "the-token"}, {"Authorization": "Bearer \xe9"}):
        answer = guarded.get("/metrics", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "runout_" not in answer.text


def test_the_numbers(db: Database, clock: StoppedClock) -> None:
    drop_id, run_id = open_drop(db, size=5)
    take_some(db, drop_id, {run_id: 2})
    beat(db, 3)
    with transaction(db) as session:
        outbox.enqueue(session, "mail.reminder", "1", {"reminder": 1}, now=NOW - timedelta(seconds=40))
    app = make_app(db, clock, metrics_token="the-token", anew=True)
    look(app, "/drops/drop-1")
    look(app, "/drops/none")
    answer = app.test_client().get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    for line in (
        'runout_copies{drop="drop-1",run="run-1",state="available"} 3.0',
        'runout_copies{drop="drop-1",run="run-1",state="held"} 2.0',
        "runout_holds_live 1.0",
        'runout_outbox_jobs{state="waiting"} 1.0',
        'runout_outbox_jobs{state="dead"} 0.0',
        "runout_outbox_oldest_seconds 40.0",
        "runout_worker_silent_seconds 3.0",
        'runout_requests_total{method="GET",route="/drops/<slug>",status="200"} 1.0',
        'runout_requests_total{method="GET",route="/drops/<slug>",status="404"} 1.0',
        'runout_request_seconds_count{method="GET",route="/drops/<slug>"} 2.0',
    ):
        assert f"\n{line}\n" in answer.text
