"""What was left for later while a shop was set up is said so, on the way, at its end and at the desk, until it is there."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import setting_up
from app.accounts.setting_up import Setup
from app.catalogue import labels
from app.catalogue.models import Label
from app.kernel import checkups, heartbeat
from app.kernel.checkups import Line, State
from app.kernel.db import Database, reading, transaction
from tests.cast import StoppedClock
from tests.flows.test_first_run import RATES, labelled
from tests.site import make_app
from tests.staff.seat import Seat, words

INKS = {"loud": "#0a7d4f", "quiet": "#7a4a9e"}
TEXTS = {"imprint": "Tinsel Tapes", "terms": "Soon.", "privacy": "Little.", "withdrawal": "A fortnight."}
STEPS = ("look", "texts", "postage", "mail", "stripe", "machine")


@pytest.fixture
def app(db: Database, clock: StoppedClock, tmp_path: Path) -> Flask:
    return make_app(db, clock, media_dir=tmp_path / "media", backup_dir=tmp_path / "backups")


def stops(seat: Seat, path: str = "/staff/setup/done") -> dict[str, str]:
    """How each step stands on the way: by its name, the word beside it."""
    page = seat.get(path).get_data(as_text=True)
    found = re.findall(r'<li class="setup-stop[^>]*>(.*?)</li>', page, re.DOTALL)
    texts = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]
    ends = [(text, next(word for word in ("put off", "done", "") if text.endswith(word))) for text in texts]
    return {text.removesuffix(word).strip(): word for text, word in ends}


def put_off(page: str) -> set[str]:
    """Where the page leads for what was put off."""
    return set(re.findall(r'<li class="(?:put-off|way-step)[^"]*">.*?put off.*?<a (?:class="check-name" )?href="([^"]+)"', page))


def label_id(db: Database) -> int:
    with reading(db) as session:
        return session.scalars(select(Label.id)).one()


def test_each_step_put_off_is_said_so_and_led_to(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    for step in STEPS:
        seat.post(f"/staff/setup/later/{step}")
    said = stops(seat)
    assert {said[name] for name in ("You", "Second factor", "Label")} == {"done"}
    assert [said[name] for name in ("Logo and inks", "Texts", "Postage", "Mail", "Stripe", "Backup and clock")] == ["put off"] * 6
    page = seat.get("/staff/setup/done").get_data(as_text=True)
    assert put_off(page) == {f"/staff/setup/{step}" for step in STEPS}
    seat.post("/staff/setup/done")
    label = label_id(db)
    page = seat.get("/staff/").get_data(as_text=True)
    assert put_off(page) == {
        f"/staff/labels/{label}/inks", f"/staff/labels/{label}/texts/imprint", "/staff/postage", "/staff/checks"
    }  # fmt: skip
    for name in ("Logo and inks", "Mail", "Stripe", "Backup and clock"):
        assert name in words(seat.get("/staff/"))


def test_what_is_done_is_ticked(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    seat.post("/staff/setup/look", INKS)
    seat.post("/staff/setup/texts", TEXTS)
    seat.post("/staff/setup/postage", RATES)
    with transaction(db) as session:
        for name in ("mail", "stripe", "webhook", "clock"):
            checkups.keep(session, name, [Line(State.GOOD, "Well.")], clock.now())
        for sign in (heartbeat.WORKER, heartbeat.BACKUP):
            heartbeat.beat(session, sign, clock.now())
    for step in ("mail", "stripe", "machine"):
        seat.post(f"/staff/setup/later/{step}")
    assert set(stops(seat).values()) == {"done"}
    assert put_off(seat.get("/staff/setup/done").get_data(as_text=True)) == set()
    seat.post("/staff/setup/done")
    assert "put off" not in words(seat.get("/staff/"))


def test_a_text_that_is_kept_empty_is_put_off(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    seat.post("/staff/setup/texts", {**TEXTS, "terms": " "})
    assert stops(seat)["Texts"] == "put off"
    seat.post("/staff/setup/texts", TEXTS)
    assert stops(seat)["Texts"] == "done"


def test_it_is_no_longer_put_off_once_it_is_there(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    for step in STEPS:
        seat.post(f"/staff/setup/later/{step}")
    label = label_id(db)
    with transaction(db) as session:
        for which, text in TEXTS.items():
            labels.write_text(session, label, which, text)
        labels.ink(session, label, "#0a7d4f", "#7a4a9e")
        checkups.keep(session, "mail", [Line(State.GOOD, "Well.")], clock.now())
    said = stops(seat)
    assert [said[name] for name in ("Logo and inks", "Texts", "Mail")] == ["done"] * 3
    seat.post("/staff/setup/done")
    page = seat.get("/staff/").get_data(as_text=True)
    assert put_off(page) == {"/staff/postage", "/staff/checks"}


def test_a_step_that_was_passed_before_there_were_two_kinds_stays_done(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    with transaction(db) as session:
        session.scalars(select(Setup)).one().passed = "look texts"
    assert stops(seat)["Logo and inks"] == "done"
    with reading(db) as session:
        assert setting_up.put_off(session.scalars(select(Setup)).one()) == frozenset()


def test_texts_are_offered_and_kept_only_as_they_are_sent(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    said = words(seat.get("/staff/setup/texts"))
    assert ("within fourteen days" in said, "What we keep" in said) == (True, True)
    with reading(db) as session:
        label = session.scalars(select(Label)).one()
        assert (label.privacy, label.withdrawal) == ("", "")
    seat.post("/staff/setup/texts", TEXTS)
    with reading(db) as session:
        label = session.scalars(select(Label)).one()
        assert {name: getattr(label, name) for name in TEXTS} == TEXTS
    assert "within fourteen days" not in words(seat.get("/staff/setup/texts"))


def test_a_european_shop_without_privacy_or_withdrawal_is_told(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    seat.post("/staff/setup/texts", {**TEXTS, "privacy": "", "withdrawal": ""})
    assert "Not written yet: privacy, withdrawal." in words(seat.get("/staff/setup/done"))
    with transaction(db) as session:
        session.scalars(select(Label)).one().country = "JP"
    assert "Not written yet: privacy." in words(seat.get("/staff/checks"))
