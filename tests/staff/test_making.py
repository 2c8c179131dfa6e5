"""The desk's making half over HTTP: from an artist to a published drop, and every form that comes back as typed."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.catalogue.models import Artist, Label, Release, Run, Track
from app.drops.models import Drop, DropRun
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from tests.builders import make_release
from tests.cast import NOW, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, words

RUN = {
    "title": "20 numbered", "slug": "", "format": "cassette", "edition_size": "20", "first_number": "1", "price": "24,50",
    "weight": "80", "hs_code": "8523.29", "origin": "DE", "limit_per_fan": "", "body_colour": "clear", "label_colour": "#b3402a",
}  # fmt: skip
DROP = {
    "title": "Second Night", "slug": "", "words": "Come early.", "opens_at": "2026-11-30T20:00", "closes_at": "",
    "limit_per_fan": "2", "hold_minutes": "10", "network_holds": "300", "network_share": "20",
}  # fmt: skip


def test_from_an_artist_to_a_published_drop(app: Flask, db: Database, manager: Seat) -> None:
    """The whole way a label goes, page by page."""
    at = manager.post("/staff/artists/new", {"name": "Nadja Brücke", "slug": "", "story": "", "link": ""}).headers["Location"]
    artist = at.rsplit("/", 1)[1]
    release = {
        "artist": artist,
        "title": "Öl & Glas",
        "catalogue_number": "TAPE-9",
        "slug": "",
        "notes": "*Hello*",
        "released_on": "",
    }
    at = manager.post("/staff/releases/new", release).headers["Location"]
    rows = {"track": ["", ""], "side": ["A", "B"], "title": ["One", "Two"], "length": ["4:05", ""], "do": "save"}
    assert manager.post(f"{at}/tracks", rows).status_code == 303
    assert re.findall(r'track-at">(\w+)<', manager.get(at).get_data(as_text=True)) == ["A1", "B1"]
    run_at = manager.post(f"{at}/runs/new", RUN).headers["Location"]
    run = run_at.rsplit("/", 1)[1]
    drop_at = manager.post("/staff/drops/new", {**DROP, "run": [run]}).headers["Location"]
    assert "is not pressed yet" in words(manager.post(f"{drop_at}/publish", {"at_once": "0"}))
    assert "20 copies of “Öl &amp; Glas”" in words(manager.get(f"{run_at}/press"))
    assert manager.post(f"{run_at}/press", {"copies": "20", "first": "1"}).status_code == 303
    assert manager.post(f"{run_at}/press", {"copies": "20", "first": "1"}).status_code == 409
    assert "is not published yet" in words(manager.post(f"{drop_at}/publish", {"at_once": "0"}))
    assert manager.post(f"{at}/publish").status_code == 303
    assert "The doors open by themselves Monday 30 November, 20:00 in Berlin (UTC+01:00)" in words(
        manager.get(f"{drop_at}/publish")
    )
    assert manager.post(f"{drop_at}/publish", {"at_once": "0"}).status_code == 303
    with reading(db) as session:
        drop = session.scalars(select(Drop).where(Drop.title == "Second Night")).one()
        pressed = session.get_one(Run, int(run))
        assert (drop.slug, drop.published_at, drop.opens_at.isoformat()) == ("second-night", NOW, "2026-11-30T19:00:00+00:00")
        assert (pressed.price, pressed.hs_code, pressed.slug) == (2450, "852329", "oel-and-glas-cassette")
        assert session.scalar(select(func.count()).where(Copy.run_id == pressed.id)) == 20
    fan = app.test_client()
    assert fan.get("/drops/second-night").status_code == 200
    assert fan.get("/releases/oel-and-glas").status_code == 200


def test_a_refused_form_comes_back_as_it_was_typed(db: Database, manager: Seat, shelf: Shelf) -> None:
    typed = {**RUN, "title": "My words", "price": "1,000.00", "edition_size": "-3", "origin": "XX", "body_colour": "url(x)"}
    answer = manager.post(f"/staff/releases/{shelf.release}/runs/new", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="My words"' in page
    assert 'value="1,000.00"' in page
    assert all(f'id="e-{name}"' in page for name in ("price", "edition_size", "origin", "body_colour"))
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 2


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1e9", "99999999999999999999", "NaN", "", "١", "1 OR 1=1", "0x1", "true"])
def test_a_number_that_is_none_makes_no_run(db: Database, manager: Seat, shelf: Shelf, quantity: str) -> None:
    assert manager.post(f"/staff/releases/{shelf.release}/runs/new", {**RUN, "edition_size": quantity}).status_code == 422
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 2


def test_a_field_sent_twice_is_refused(manager: Seat, shelf: Shelf) -> None:
    answer = manager.post(f"/staff/releases/{shelf.release}/runs/new", {**RUN, "price": ["1", "24"]})
    assert (answer.status_code, "Sent twice." in words(answer)) == (422, True)


def test_fields_nobody_asked_for_change_nothing(db: Database, manager: Seat, shelf: Shelf) -> None:
    extra = {"id": "99", "label_id": "77", "published": "1", "pressed_at": "2020-01-01", "currency": "JPY"}
    manager.post(f"/staff/artists/{shelf.artist}", {"name": "Renamed", "slug": "", "story": "", "link": "", **extra})
    manager.post(f"/staff/runs/{shelf.planned}/edit", {**RUN, **extra})
    with reading(db) as session:
        artist, run = session.get_one(Artist, shelf.artist), session.get_one(Run, shelf.planned)
        assert (artist.name, artist.label_id, run.pressed_at, run.release.label.currency) == ("Renamed", shelf.label, None, "EUR")


def test_the_price_stays_while_the_drop_is_open(db: Database, manager: Seat, shelf: Shelf) -> None:
    page = words(manager.get(f"/staff/runs/{shelf.run}/edit"))
    assert "Fans are buying this run in “Drop 1” right now" in page
    assert manager.post(f"/staff/runs/{shelf.run}/edit", {**RUN, "price": "1"}).status_code == 303
    with reading(db) as session:
        run = session.get_one(Run, shelf.run)
        assert (run.price, run.edition_size, run.title) == (2400, 10, "20 numbered")


def test_tracks_are_added_moved_and_removed_without_a_script(db: Database, manager: Seat, shelf: Shelf) -> None:
    at = f"/staff/releases/{shelf.release}/tracks"
    rows = {"track": ["", ""], "side": ["", ""], "title": ["One", "Two"], "length": ["", ""]}
    for deed in ("more", "up:1", "down:0", "remove:0", "up:99", "remove:x", "nonsense"):
        answer = manager.post(at, {**rows, "do": deed})
        assert (answer.status_code, "Not kept yet" in words(answer)) == (200, True)
    page = manager.post(at, {**rows, "do": "up:1"}).get_data(as_text=True)
    assert page.index('value="Two"') < page.index('value="One"')
    with reading(db) as session:
        assert session.scalars(select(Track)).all() == []
    wrong = manager.post(at, {**rows, "length": ["4:99", ""], "do": "save"})
    assert (wrong.status_code, "A length as 4:05" in words(wrong)) == (422, True)
    assert manager.post(at, {**rows, "side": [""], "do": "save"}).status_code == 422
    assert manager.post(at, {**rows, "track": ["999", ""], "do": "save"}).status_code == 404


@pytest.mark.parametrize(
    ("opens", "sentence"),
    [
        ("2027-03-28T02:30", "The clocks in Berlin jump that night: this time does not exist. Choose 03:00 or later."),
        ("2026-10-25T02:30", "this time comes twice. Say below which one: first (UTC+02:00) or second (UTC+01:00)."),
        ("soon", "A day and a time"),
        ("", "Please fill this in."),
    ],
)
def test_a_drops_time_is_one_that_exists(db: Database, manager: Seat, shelf: Shelf, opens: str, sentence: str) -> None:
    answer = manager.post("/staff/drops/new", {**DROP, "opens_at": opens, "run": [str(shelf.run)]})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert f'value="{shelf.run}" checked' in answer.get_data(as_text=True)


def test_the_time_that_comes_twice_can_be_chosen(db: Database, manager: Seat, shelf: Shelf) -> None:
    manager.post("/staff/drops/new", {**DROP, "opens_at": "2027-10-31T02:30", "opens_at_which": "second", "run": [str(shelf.run)]})
    with reading(db) as session:
        drop = session.scalars(select(Drop).where(Drop.title == "Second Night")).one()
        assert drop.opens_at.isoformat() == "2027-10-31T01:30:00+00:00"
    page = manager.get(f"/staff/drops/{drop.id}/edit").get_data(as_text=True)
    assert 'value="second" selected' in page


def test_runs_stand_in_the_sequence_of_their_places(db: Database, manager: Seat, shelf: Shelf) -> None:
    places = {f"place-{shelf.run}": "2", f"place-{shelf.planned}": "1"}
    manager.post("/staff/drops/new", {**DROP, "run": [str(shelf.run), str(shelf.planned)], **places})
    with reading(db) as session:
        drop = session.scalars(select(Drop).where(Drop.title == "Second Night")).one()
        entries = session.scalars(select(DropRun.run_id).where(DropRun.drop_id == drop.id).order_by(DropRun.position)).all()
    assert entries == [shelf.planned, shelf.run]


def test_a_drop_is_paused_resumed_stopped_and_reopened_with_reasons(app: Flask, db: Database, manager: Seat, shelf: Shelf) -> None:
    at = f"/staff/drops/{shelf.drop}"
    assert manager.post(f"{at}/pause", {"reason": ""}).status_code == 422
    assert manager.post(f"{at}/pause", {"reason": "The <b>printer</b> is on fire."}).status_code == 303
    fan = app.test_client().get("/drops/drop-1").get_data(as_text=True)
    assert "The &lt;b&gt;printer&lt;/b&gt; is on fire." in fan
    assert manager.post(f"{at}/resume").status_code == 303
    assert manager.post(f"{at}/resume").status_code == 409
    assert manager.get(f"{at}/close").status_code == 200
    assert manager.post(f"{at}/close", {"reason": " "}).status_code == 422
    assert manager.post(f"{at}/close", {"reason": "Wrong <i>tapes</i>."}).status_code == 303
    assert manager.post(f"{at}/close", {"reason": "Again."}).status_code == 409
    app.extensions["runout_memory"].clear()  # or a second later
    fan = app.test_client().get("/drops/drop-1")
    assert "“Wrong &lt;i&gt;tapes&lt;/i&gt;.”" in fan.text
    assert 'data-state="closed"' in fan.text
    assert "Fans read it on the drop page" in words(manager.get(f"{at}/reopen"))
    assert manager.post(f"{at}/reopen", {"reason": " "}).status_code == 422
    assert manager.post(f"{at}/reopen", {"reason": "The <i>right</i> tapes came."}).status_code == 303
    assert manager.post(f"{at}/reopen", {"reason": "Again."}).status_code == 409
    assert manager.get(f"{at}/reopen").status_code == 409
    app.extensions["runout_memory"].clear()
    fan = app.test_client().get("/drops/drop-1").text
    assert 'data-state="open"' in fan
    assert "“The &lt;i&gt;right&lt;/i&gt; tapes came.”" in fan
    assert "The &lt;i&gt;right&lt;/i&gt; tapes came." in manager.get(at).text
    history = words(manager.get(at))
    deeds = ("drop reopened", "drop closed early", "Wrong &lt;i&gt;tapes&lt;/i&gt;.", "drop resumed", "drop paused")
    assert [deed in history for deed in deeds] == [True] * 5


def test_a_time_that_came_while_looking_does_not_open_the_doors(
    db: Database, manager: Seat, shelf: Shelf, clock: StoppedClock
) -> None:
    at = f"/staff/drops/{shelf.draft}"
    assert "stays from now on" in words(manager.get(f"{at}/publish"))
    with transaction(db) as session:
        session.get_one(Drop, shelf.draft).opens_at = NOW - timedelta(seconds=1)
    assert manager.post(f"{at}/publish", {"at_once": "0"}).status_code == 409
    assert "the doors open with this click" in words(manager.get(f"{at}/publish"))
    assert manager.post(f"{at}/publish", {"at_once": "1"}).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        ("nothing", []),
        ("opened", []),
        ("empty", ["It sells at least one run", "Every run is pressed", "Every release is published"]),
        ("planned", ["Every run is pressed"]),
        ("hidden", ["Every release is published"]),
        ("closed", ["It does not close in the past"]),
    ],
)
def test_the_checklist_insists_on_what_publishing_insists_on(
    db: Database, manager: Seat, shelf: Shelf, wrong: str, missing: list[str]
) -> None:
    with transaction(db) as session:
        drop = session.get_one(Drop, shelf.draft)
        if wrong == "opened":
            drop.opens_at = NOW
        elif wrong == "empty":
            drop.entries = []
        elif wrong == "planned":
            drop.entries.append(DropRun(run_id=shelf.planned, position=2))
        elif wrong == "hidden":
            session.get_one(Release, shelf.release).published = False
        elif wrong == "closed":
            drop.opens_at, drop.closes_at = NOW - timedelta(days=2), NOW
    page = manager.get(f"/staff/drops/{shelf.draft}").get_data(as_text=True).split('class="ready"', 1)[1].split("</ul>", 1)[0]
    lines = [re.sub(r"<[^>]+>", "", line).strip() for line in page.split("<li>")[1:] if "status-person" in line]
    assert lines == missing
    assert ("the doors open with the click" in page) is (wrong in {"opened", "closed"})
    at_once = "1" if wrong in {"opened", "closed"} else "0"
    answer = manager.post(f"/staff/drops/{shelf.draft}/publish", {"at_once": at_once})
    assert answer.status_code == (409 if missing else 303)


@pytest.mark.parametrize("state", ["announced", "about-to-open", "open", "all-held", "paused", "sold-out", "closed"])
def test_every_state_of_a_drafts_page_can_be_looked_at(manager: Seat, shelf: Shelf, state: str) -> None:
    answer = manager.get(f"/staff/drops/{shelf.draft}/preview/{state}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "Drop 2" in words(answer)


def test_a_page_has_no_other_states(manager: Seat, shelf: Shelf) -> None:
    assert manager.get(f"/staff/drops/{shelf.draft}/preview/draft").status_code == 422


def test_releases_are_listed_newest_first_at_the_desk_and_in_the_shop(
    app: Flask, db: Database, manager: Seat, shelf: Shelf
) -> None:
    days = {"TAPE-9": date(2026, 11, 1), "ZINE-10": date(2026, 11, 20), "TAPE-10": date(2026, 10, 1), "CD-1": None}
    with transaction(db) as session:
        release = session.get_one(Release, shelf.release)
        release.released_on = date(2026, 9, 1)
        for number, day in days.items():
            made = make_release(session, release.label, title="Some Work")
            made.catalogue_number, made.released_on = number, day
    for page in (manager.get("/staff/releases"), app.test_client().get("/releases")):
        listed = list(dict.fromkeys(re.findall(r"CD-1|ZINE-10|TAPE-9|TAPE-10|TAPE-001", words(page))))
        assert listed == ["CD-1", "ZINE-10", "TAPE-9", "TAPE-10", "TAPE-001"]
    assert "20 Nov 2026" in words(manager.get("/staff/releases"))


def test_a_published_release_keeps_its_address(db: Database, manager: Seat, shelf: Shelf) -> None:
    at = f"/staff/releases/{shelf.release}"
    form = {
        "artist": str(shelf.artist),
        "title": "Day Bus",
        "catalogue_number": "TAPE-001",
        "notes": "",
        "released_on": "2026-02-30",
    }
    assert "A day as 2026-11-27" in words(manager.post(f"{at}/edit", form))
    assert manager.post(f"{at}/edit", {**form, "released_on": "2026-02-28", "slug": "other"}).status_code == 409
    assert manager.post(f"{at}/edit", {**form, "released_on": "2026-02-28"}).status_code == 303
    with reading(db) as session:
        row = session.get_one(Release, shelf.release)
        assert (row.title, row.slug, str(row.released_on)) == ("Day Bus", "release-1", "2026-02-28")


def test_what_is_removed_is_asked_about_first(db: Database, manager: Seat, shelf: Shelf) -> None:
    assert "This cannot be undone" in words(manager.get(f"/staff/runs/{shelf.planned}/remove"))
    assert manager.post(f"/staff/runs/{shelf.planned}/remove").status_code == 303
    assert manager.post(f"/staff/runs/{shelf.run}/remove").status_code == 409
    assert manager.post(f"/staff/drops/{shelf.draft}/remove").status_code == 303
    assert manager.post(f"/staff/drops/{shelf.drop}/remove").status_code == 409
    assert manager.post(f"/staff/releases/{shelf.release}/remove").status_code == 409
    assert manager.post(f"/staff/artists/{shelf.artist}/remove").status_code == 409
    with reading(db) as session:
        assert session.scalars(select(Run.id)).all() == [shelf.run]
        assert session.scalars(select(Drop.id)).all() == [shelf.drop]


LABEL = {
    "name": "Tinsel",
    "tagline": "",
    "email": "d@tinsel.example",
    "time_zone": "Europe/Berlin",
    "country": "DE",
    "packaging_weight": "60",
}


def test_a_label_is_changed_but_not_its_currency_once_it_sells(db: Database, owner: Seat, shelf: Shelf) -> None:
    at = f"/staff/labels/{shelf.label}"
    assert "A published drop shows prices in this currency" in words(owner.get(at))
    assert owner.post(at, {**LABEL, "currency": "USD"}).status_code == 303
    with reading(db) as session:
        label = session.get_one(Label, shelf.label)
        assert (label.name, label.currency) == ("Tinsel", "EUR")


def test_a_text_is_tried_before_it_is_kept(db: Database, owner: Seat, shelf: Shelf) -> None:
    at = f"/staff/labels/{shelf.label}/texts/imprint"
    tried = owner.post(at, {"text": "# Who\n\n<script>x</script>", "preview": "1"}).get_data(as_text=True)
    assert "<h2>Who</h2>" in tried
    assert "<script>x" not in tried
    long = "ü" * 39_000
    assert owner.post(at, {"text": long}).status_code == 303
    assert owner.post(at, {"text": "x" * 40_001}).status_code == 422
    assert owner.post(at, {"text": "x" * 600_000}).status_code == 413
    assert owner.get(f"/staff/labels/{shelf.label}/texts/currency").status_code == 404
    with reading(db) as session:
        assert session.get_one(Label, shelf.label).imprint == long


@pytest.mark.parametrize(
    ("loud", "quiet", "sentence"),
    [
        ("#f7f2e8", "#2c5f8a", "almost the colour of the paper"),
        ("#e0421f", "#e0431f", "nearly the same"),
        ("url(//evil)", "#2c5f8a", "not a colour we can read"),
        ("#777777", "#2c5f8a", "grey is not loud"),
        ("red;} body{display:none", "#2c5f8a", "not a colour"),
    ],
)
def test_inks_that_cannot_be_read_are_refused(
    db: Database, owner: Seat, shelf: Shelf, loud: str, quiet: str, sentence: str
) -> None:
    answer = owner.post(f"/staff/labels/{shelf.label}/inks", {"loud": loud, "quiet": quiet})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    with reading(db) as session:
        assert session.get_one(Label, shelf.label).ink_loud == "oklch(0.62 0.21 32)"


def test_inks_are_shown_before_they_are_kept(db: Database, owner: Seat, shelf: Shelf) -> None:
    at = f"/staff/labels/{shelf.label}/inks"
    fresh = owner.get(at).get_data(as_text=True)
    assert re.findall(r'name="(?:loud|quiet)" type="text" value="(#[0-9a-f]{6})"', fresh) == ["#e94024", "#2e7b9c"]
    assert "Not kept yet" in words(owner.post(at, {"loud": "#0a7a4b", "quiet": "#7a3fa0", "preview": "1"}))
    assert owner.post(at, {"loud": "#0a7a4b", "quiet": "#7a3fa0"}).status_code == 303
    with reading(db) as session:
        label = session.get_one(Label, shelf.label)
        assert (label.ink_loud, label.ink_quiet) == ("#0a7a4b", "#7a3fa0")


def test_another_label_belongs_to_who_makes_it(db: Database, owner: Seat, shelf: Shelf) -> None:
    at = owner.post("/staff/labels/new", {**LABEL, "name": "Second Label", "currency": "JPY", "slug": ""}).headers["Location"]
    assert owner.get(at).status_code == 200
    assert "Second Label" in words(owner.get("/staff/labels"))
    answer = owner.post("/staff/artists/new", {"name": "A", "slug": "", "story": "", "link": ""})
    assert answer.status_code == 422
    assert (
        owner.post(
            "/staff/artists/new", {"name": "A", "slug": "", "story": "", "link": "", "label": at.rsplit("/", 1)[1]}
        ).status_code
        == 303
    )
