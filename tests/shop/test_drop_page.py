"""The drop page says the truth in every state, the same bytes to everybody, and gives nobody a cookie."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.catalogue.models import Format, Track
from app.drops.doors import DoorState
from app.drops.models import Drop
from app.kernel.db import Database, reading, transaction
from app.reports.drop_page import drop_page
from app.web.drop_view import render_drop
from tests.builders import make_drop, make_label, make_rate, make_release, make_run, make_zone, open_drop, take_some
from tests.cast import ADA, NOW, StoppedClock
from tests.shop.looking import STATES, drop_in_state, drop_named, look, withdraw_all
from tests.shop.shopper import Shopper

SAYS = {
    "announced": "Opens Monday 30 November, 20:00 in Berlin",
    "about-to-open": "This page opens by itself.",
    "open": "Hold copies",
    "all-held": "One hold ends within four minutes; if it comes back, this page opens again.",
    "paused": "“The mail server is catching its breath.”",
    "sold-out": "None is left: 0 sold, 4 withdrawn.",
    "closed": "It closed Thursday 26 November, 20:00 in Berlin. 4 copies were left.",
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_says_what_is_so(app: Flask, db: Database, state: str) -> None:
    answer = look(app, f"/drops/{drop_in_state(db, state)}")
    assert answer.status_code == 200
    assert f'data-state="{state}"' in answer.text
    assert SAYS[state] in answer.text
    assert "€24.00" in answer.text or state in {"sold-out", "closed"}
    assert "from €1.95, added before you pay" in answer.text
    assert "four copies" in answer.text or "4 copies, numbered 1–4" in answer.text
    assert "ten minutes" in answer.text


@pytest.mark.parametrize("state", [state for state in STATES if state != "open"])
def test_only_an_open_drop_has_a_form_to_hold(app: Flask, db: Database, state: str) -> None:
    page = look(app, f"/drops/{drop_in_state(db, state)}").text
    assert 'action="/drops/drop-1/holds"' not in page
    assert 'name="quantity"' not in page


def test_without_a_script_nothing_promises_to_happen_by_itself(app: Flask, db: Database) -> None:
    page = look(app, f"/drops/{drop_in_state(db, 'about-to-open')}").text
    assert '<span class="scripted">This page opens by itself.</span> There is no line' in page


def test_the_form_asks_for_up_to_the_limit(app: Flask, db: Database) -> None:
    page = look(app, f"/drops/{drop_in_state(db, 'open')}").text
    assert '<form class="offers" method="post" action="/drops/drop-1/holds">' in page
    assert '<input type="hidden" name="run" value="run-1">' in page
    assert re.findall(r'<option value="(\d+)">', page) == ["1", "2"]


@pytest.mark.parametrize(
    ("drop_limit", "run_limits", "notes", "choices", "fact"),
    [
        (3, (1, None), ["at most one per fan"], ["01", "0123"], "3 copies"),
        (3, (2, 3), ["at most 2 per fan"], ["012", "0123"], "3 copies"),
        (2, (3, 5), [], ["012", "012"], "2 copies"),
        (None, (1, 4), ["at most one per fan", "at most 4 per fan"], ["01", "01234"], None),
        (3, (2,), [], ["12"], "2 copies"),
        (2, (3,), [], ["12"], "2 copies"),
    ],
)
def test_a_runs_own_limit_stands_beside_its_choice(
    app: Flask, db: Database, drop_limit: int | None, run_limits: tuple[int | None, ...], notes: list[str], choices: list[str],
    fact: str | None,
) -> None:  # fmt: skip
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        make_drop(session, [make_run(session, release, limit=limit) for limit in run_limits], limit=drop_limit)
    page = look(app, "/drops/drop-1").text
    assert re.findall(r"at most \w+ per fan", page) == notes
    offered = ["".join(re.findall(r'<option value="(\d+)"', select)) for select in re.findall(r"<select.*?</select>", page)]
    assert offered == choices
    assert re.findall(r"A fan may have</dt>\s*<dd>([^<]+)", page) == ([fact] if fact else [])


def test_a_limit_is_said_before_the_drop_opens_too(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        runs = [make_run(session, release, limit=1), make_run(session, release)]
        make_drop(session, runs, limit=3, opens_at=NOW + timedelta(days=1))
    assert look(app, "/drops/drop-1").text.count("at most one per fan") == 1


def test_one_a_fan_needs_no_choice(app: Flask, db: Database) -> None:
    open_drop(db, limit=1)
    page = look(app, "/drops/drop-1").text
    assert "Hold one" in page
    assert '<input type="hidden" name="quantity" value="1">' in page
    assert "<select" not in page


def test_three_runs_share_one_form(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session), title="W" * 90)
        runs = [make_run(session, release, size=size) for size in (500, 20, 3)]
        runs[1].format = Format.VINYL_7
        drop = make_drop(session, runs, limit=3)
    take_some(db, drop.id, {runs[2].id: 3})
    page = look(app, f"/drops/{drop.slug}").text
    assert page.count("<form") == 1
    assert re.findall(r'name="run" value="([\w-]+)"', page) == ["run-1", "run-2", "run-3"]
    assert page.count("data-strip") == 3
    assert "7″ vinyl" in page
    assert "3 copies a fan, all runs together." in page


def test_a_run_that_is_gone_or_not_pressed_cannot_be_chosen(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        runs = [make_run(session, release, size=2, pressed=pressed) for pressed in (True, True, False)]
        make_drop(session, runs)
    withdraw_all(db, runs[1].id)
    page = look(app, "/drops/drop-1").text
    assert re.findall(r'name="run" value="([\w-]+)"', page) == ["run-1"]
    assert page.count("Sold out") == 1
    assert page.count("Not pressed yet") == 1


def test_yen_have_no_decimals(app: Flask, db: Database) -> None:
    open_drop(db, currency="JPY", price=1800)
    assert "¥1,800" in look(app, "/drops/drop-1").text


def test_postage_is_left_out_when_nothing_can_be_posted(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        make_drop(session, [make_run(session, make_release(session, label), weight=9000)])
    assert "added before you pay" not in look(app, "/drops/drop-1").text
    with transaction(db) as session:
        freight = make_zone(session, label, name="Freight", countries="*")
        make_rate(session, freight, name="Freight", amount=5000, max_weight=20000)
    assert "from €50.00, added before you pay" in look(app, "/drops/drop-1").text


def test_it_opens_at_the_moment_and_not_before(app: Flask, db: Database, clock: StoppedClock) -> None:
    slug = drop_in_state(db, "about-to-open")
    clock.set(NOW + timedelta(minutes=9) - timedelta(milliseconds=1))
    assert 'data-state="about-to-open"' in look(app, f"/drops/{slug}").text
    clock.set(NOW + timedelta(minutes=9))
    assert 'data-state="open"' in look(app, f"/drops/{slug}").text
    assert look(app, f"/drops/{slug}/live").json["state"] == "open"


def test_nothing_to_remind_of_in_the_last_quarter_of_an_hour(app: Flask, db: Database) -> None:
    assert "/reminders" in look(app, f"/drops/{drop_in_state(db, 'announced')}").text
    assert "/reminders" not in look(app, f"/drops/{drop_in_state(db, 'about-to-open')}").text


@pytest.mark.usefixtures("unchecked")  # no worker has put them back for half an hour
def test_holds_being_decided_are_not_promised_a_time(app: Flask, db: Database, clock: StoppedClock) -> None:
    slug = drop_in_state(db, "all-held")
    clock.forward(minutes=30)
    assert "The last holds are being decided right now" in look(app, f"/drops/{slug}").text


def test_a_sold_out_drop_says_how_long_it_took(selling: Flask, db: Database, clock: StoppedClock, ada: Shopper) -> None:
    open_drop(db, size=1)
    hold = ada.take(1)
    clock.forward(minutes=2)
    ada.buy(hold)
    ada.come_back(hold)
    page = look(selling, "/drops/drop-1").text
    assert "The one copy is sold." in page
    assert "They went in 7 minutes." in page


def test_the_same_bytes_for_everybody_and_no_cookie(app: Flask, db: Database) -> None:
    slug = drop_in_state(db, "open")
    ada, ben = app.test_client(), app.test_client()
    ada.set_cookie("fan", "whatever")
    ben.set_cookie("desk", "whatever")
    first, second = ada.get(f"/drops/{slug}"), ben.get(f"/drops/{slug}")
    assert first.data == second.data
    for answer in (first, second):
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert answer.headers["Vary"] == "Accept, Accept-Encoding"
        assert "Set-Cookie" not in answer.headers


def test_a_page_is_made_once_a_second(app: Flask, db: Database) -> None:
    open_drop(db, size=2)
    client = app.test_client()
    before = client.get("/drops/drop-1").data
    take_some(db, 1, {1: 1})
    assert client.get("/drops/drop-1").data == before
    assert look(app, "/drops/drop-1").data != before


def test_compressed_for_who_can_read_that(app: Flask, db: Database) -> None:
    open_drop(db, size=500)
    plain, zipped = look(app, "/drops/drop-1"), look(app, "/drops/drop-1", Accept_Encoding="gzip")
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert len(zipped.data) < len(plain.data) / 3
    assert plain.headers["ETag"] != zipped.headers["ETag"]
    assert look(app, "/drops/drop-1", If_None_Match=plain.headers["ETag"]).status_code == 304


def test_the_cards_addresses_are_whole(app: Flask, db: Database) -> None:
    page = look(app, f"/drops/{drop_in_state(db, 'open')}", Host="evil.example").text
    assert '<meta property="og:url" content="http://runout-tests/drops/drop-1">' in page
    assert '<link rel="canonical" href="http://runout-tests/drops/drop-1">' in page
    assert "evil.example" not in page


def test_a_draft_is_nowhere(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)))
        make_drop(session, [run], published=False)
    assert [look(app, f"/drops/drop-1{more}").status_code for more in ("", "/live", ".ics", "/reminders")] == [404] * 4
    assert "drop-1" not in look(app, "/").text
    assert "drop-1" not in look(app, "/drops.atom").text


@pytest.mark.parametrize(
    "slug",
    ["none", "..%2f..%2fetc", "%00", "a" * 3000, "'; DROP TABLE drops;--", "<script>", "%ff%fe", "drop-1%0d%0aX:1", "DROP-1"],
)
def test_hostile_slugs_find_nothing(app: Flask, db: Database, slug: str) -> None:
    open_drop(db)
    for path in (f"/drops/{slug}", f"/drops/{slug}/live", f"/drops/{slug}.ics", f"/releases/{slug}", f"/labels/{slug}/terms"):
        answer = look(app, path)
        assert answer.status_code == 404, path
        assert "<script>" not in answer.text
        assert answer.headers["Cache-Control"] in {"no-store", "no-cache"}


def test_words_cannot_do_harm(app: Flask, db: Database) -> None:
    drop_id, _run_id = open_drop(db)
    with transaction(db) as session:
        drop = session.get_one(Drop, drop_id)
        drop.title, drop.words = "<b>Bold</b> & loud", "<script>alert(1)</script> **strong** [x](javascript:alert(1))"
        run = drop.entries[0].run
        run.title = '"><img src=x>'
        session.add(Track(release_id=run.release_id, position=1, title="<i>One</i>", seconds=245))
    page = look(app, "/drops/drop-1").text
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; loud" in page
    assert "<strong>strong</strong>" in page
    assert 'href="javascript:' not in page
    assert "<img src=x>" not in page
    assert "<i>One</i>" not in page
    assert "4:05" in page


@pytest.mark.parametrize("state", [DoorState(state) for state in STATES])
def test_staff_see_any_state_before_it_comes(app: Flask, db: Database, state: DoorState) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)), pressed=False)
        make_drop(session, [run], opens_at=NOW + timedelta(days=2), published=False)
    drop = drop_named(db, "drop-1")
    with reading(db) as session:
        page = drop_page(session, session.get_one(Drop, drop.id), NOW, rehearse=state)
    with app.test_request_context("/staff/drops/1/preview"):
        html = render_drop(page)
    assert f'data-state="{state}"' in html
    assert "A preview, as fans will see it" in html
    assert 'data-live="/drops' not in html
    assert 'action="/drops' not in html
    assert 'content="noindex"' in html


def test_your_hold_leaves_no_trace_on_the_page(selling: Flask, db: Database, ada: Shopper) -> None:
    open_drop(db, size=3)
    hold = ada.take(1)
    selling.extensions["runout_memory"].clear()
    mine = ada.client.get("/drops/drop-1").text
    assert hold not in mine
    assert mine == selling.test_client().get("/drops/drop-1").text
    assert ADA.fan.id not in mine
