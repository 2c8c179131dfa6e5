"""The shop front sorts drops by what they are now; the list of releases and the small files around it."""

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.catalogue.models import Format, Label
from app.drops.models import Drop
from app.kernel.db import Database, transaction
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW, StoppedClock
from tests.shop.looking import look

JSON = "application/json"


def three_drops(db: Database) -> None:
    """One label; a drop that is open, one to come, one that is over."""
    with transaction(db) as session:
        label = make_label(session)
        label.tagline, label.story, label.imprint = "Small things", "We are **two** people.", "Tinsel, Berlin"
        for title, since, closes in (
            ("Open Sea", timedelta(hours=1), None),
            ("Coming Soon", timedelta(hours=-2), None),
            ("Long Gone", timedelta(days=9), NOW - timedelta(days=8)),
        ):
            run = make_run(session, make_release(session, label, title=title))
            make_drop(session, [run], opens_at=NOW - since, closes_at=closes).title = title


def test_open_coming_and_gone_stand_in_that_sequence(app: Flask, db: Database) -> None:
    three_drops(db)
    answer = look(app, "/")
    assert answer.status_code == 200
    page = answer.text
    assert page.index('href="/drops/drop-1"') < page.index('id="soon"') < page.index('href="/drops/drop-2"')
    assert page.index('href="/drops/drop-2"') < page.index('id="gone"') < page.index('href="/drops/drop-3"')
    assert 'data-countdown="2026-11-27T21:00:00Z"' in page
    assert "<strong>two</strong>" in page
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"


def test_a_coming_drop_leads_when_nothing_is_open(app: Flask, db: Database, clock: StoppedClock) -> None:
    three_drops(db)
    clock.set(NOW - timedelta(hours=3))
    page = look(app, "/").text
    assert page.count("data-countdown") == 2
    assert "See the drop" in page
    assert "See what is left" not in page


def test_paused_drops_stand_apart(app: Flask, db: Database, clock: StoppedClock) -> None:
    three_drops(db)
    with transaction(db) as session:
        for drop in session.scalars(select(Drop).where(Drop.title != "Long Gone")):
            drop.paused_at, drop.pause_reason = NOW, "The van broke down."
    page = look(app, "/").text
    assert "data-countdown" not in page
    assert "See what is left" not in page
    assert page.index("Was to open") < page.index('id="halted"') < page.index('href="/drops/drop-1"')
    assert "Also open" not in page
    announced = look(app, "/drops/drop-2").text
    assert 'data-state="paused"' in announced
    assert "“The van broke down.”" in announced
    assert "It was to open Friday 27 November, 22:00 in Berlin." in announced
    assert "data-countdown" not in announced


def test_two_prices_say_which_is_which(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        tape, zine = make_run(session, release), make_run(session, release, price=700)
        zine.format = Format.ZINE
        make_drop(session, [tape, zine])
    assert "€24.00 Cassette €7.00 Zine" in " ".join(re.sub("<[^>]+>", " ", look(app, "/").text).split())


def test_the_front_as_json(app: Flask, db: Database) -> None:
    three_drops(db)
    body = look(app, "/", Accept=JSON).json
    assert [card["drop"] for card in body["open"]] == ["drop-1"]
    assert body["coming"][0] == {
        "drop": "drop-2",
        "title": "Coming Soon",
        "state": "announced",
        "opens_at": "2026-11-27T21:00:00.000Z",
        "closes_at": None,
        "made": 10,
        "url": "http://runout-tests/drops/drop-2",
    }
    assert [card["state"] for card in body["gone"]] == ["closed"]


def test_a_shop_without_a_label_or_a_drop_says_so(app: Flask, db: Database) -> None:
    assert "This shop is being set up." in look(app, "/").text
    with transaction(db) as session:
        make_label(session)
    page = look(app, "/").text
    assert "The first drop is being prepared." in page
    assert '<p class="masthead-name"><a href="/">Tinsel Tapes</a></p>' in page
    assert look(app, "/releases").status_code == 200


def test_the_foot_links_to_what_the_label_has_written(app: Flask, db: Database) -> None:
    three_drops(db)
    page = look(app, "/").text
    assert '<a href="/imprint">Imprint</a>' in page
    assert 'href="/terms"' not in page
    assert 'href="/labels/tinsel-1/theme.css?v=' in page


def test_with_two_labels_each_has_its_own_foot(app: Flask, db: Database) -> None:
    three_drops(db)
    with transaction(db) as session:
        make_label(session).name = "Other"
    assert '<a href="/">Runout</a>' in look(app, "/").text
    page = look(app, "/drops/drop-1").text
    assert '<a href="/">Tinsel Tapes</a>' in page
    assert '<a href="/labels/tinsel-1/imprint">Imprint</a>' in page


def test_the_list_of_releases_shows_the_published(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        make_run(session, make_release(session, label, title="Shown"))
        make_release(session, label, title="Bare")
        make_release(session, label, title="Hidden").published = False
    page = look(app, "/releases").text
    assert "Shown" in page
    assert "Nothing pressed yet" in page
    assert "Hidden" not in page


def test_robots_and_sitemap(app: Flask, db: Database) -> None:
    three_drops(db)
    assert "Disallow: /holds\n" in look(app, "/robots.txt").text
    assert "Sitemap: http://runout-tests/sitemap.xml\n" in look(app, "/robots.txt").text
    assert "<loc>http://runout-tests/drops/drop-3</loc>" in look(app, "/sitemap.xml").text
    assert look(app, "/favicon.ico").status_code == 302


def test_a_label_with_strange_inks_still_has_a_page(app: Flask, db: Database) -> None:
    three_drops(db)
    with transaction(db) as session:
        session.query(Label).one().ink_loud = "url(evil)"
    assert look(app, "/").status_code == 200
    answer = look(app, "/labels/tinsel-1/theme.css")
    assert answer.status_code == 200
    assert "evil" not in answer.text
