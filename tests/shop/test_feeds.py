"""The Atom feed and the calendar files can be read by who reads such things."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from flask import Flask
from icalendar import Calendar

from app.drops.models import Drop
from app.kernel.db import Database, transaction
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW
from tests.shop.looking import look

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def two_drops(db: Database) -> None:
    """One drop that opened, one that will."""
    with transaction(db) as session:
        label = make_label(session)
        for since in (timedelta(hours=1), timedelta(hours=-26)):
            make_drop(session, [make_run(session, make_release(session, label))], opens_at=NOW - since)


def test_the_feed(app: Flask, db: Database) -> None:
    two_drops(db)
    with transaction(db) as session:
        first = session.get_one(Drop, 1)
        first.title, first.words = "Tape & <Zine>\x0b", "Both, **together**; and a comma"
    answer = look(app, "/drops.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.data)  # noqa: S314 - our own document
    assert feed.findtext("a:title", namespaces=ATOM) == "Tinsel Tapes: drops"
    assert feed.findtext("a:updated", namespaces=ATOM) == "2026-11-27T18:00:00Z"
    entries = feed.findall("a:entry", ATOM)
    assert [entry.findtext("a:id", namespaces=ATOM) for entry in entries] == [
        "http://runout-tests/drops/drop-1",
        "http://runout-tests/drops/drop-2",
    ]
    assert entries[0].findtext("a:title", namespaces=ATOM) == "Tape & <Zine> (open)"
    content = entries[0].findtext("a:content", namespaces=ATOM)
    assert content is not None
    assert "<strong>together</strong>" in content
    assert "€24.00" in content
    assert "Opens Friday 27 November 2026, 19:00 in Berlin." in content
    again = look(app, "/drops.atom", If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304


def test_an_empty_feed_is_a_feed(app: Flask, db: Database) -> None:
    feed = ET.fromstring(look(app, "/drops.atom").data)  # noqa: S314 - our own document
    assert feed.findtext("a:updated", namespaces=ATOM) == "2026-11-27T19:00:00Z"
    assert feed.findall("a:entry", ATOM) == []
    assert Calendar.from_ical(look(app, "/drops.ics").data).walk("VEVENT") == []


def test_the_calendar(app: Flask, db: Database) -> None:
    two_drops(db)
    with transaction(db) as session:
        session.get_one(Drop, 2).words = "Line one\n\nLine two; with, signs"
    answer = look(app, "/drops.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    events = {str(event["UID"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")}
    coming = events["drop-drop-2@runout-tests"]
    assert coming["DTSTART"].dt == datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
    assert str(coming["URL"]) == "http://runout-tests/drops/drop-2"
    assert "Line two; with, signs" in str(coming["DESCRIPTION"])
    assert coming["DTSTAMP"].dt == NOW - timedelta(days=1)
    assert len(events) == 2


def test_one_drop_for_the_calendar(app: Flask, db: Database) -> None:
    two_drops(db)
    events = Calendar.from_ical(look(app, "/drops/drop-1.ics").data).walk("VEVENT")
    assert [str(event["UID"]) for event in events] == ["drop-drop-1@runout-tests"]
    assert look(app, "/drops/none.ics").status_code == 404
