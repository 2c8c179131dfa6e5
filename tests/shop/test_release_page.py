"""The release page: what was made, what is left, and the drop that sells it."""

from datetime import UTC, date, datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Media, MediaKind, Track
from app.kernel.db import Database, transaction
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW
from tests.shop.looking import look


def test_tracks_notes_runs_and_credits(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        release = make_release(session, label, title="Night Bus")
        release.notes, release.released_on = "Recorded **slowly**.", date(2026, 11, 1)
        artist = session.get_one(Artist, release.artist_id)
        artist.story, artist.link = "Plays the harmonium.", "https://mira.example/"
        sound = _media(session, label.id, "a.mp3", MediaKind.AUDIO, "audio/mpeg")
        for at, (side, title) in enumerate((("A", "Out"), ("A", "On"), ("B", "Home")), 1):
            session.add(Track(release_id=release.id, position=at, side=side, title=title, seconds=61, preview_id=sound.id))
        make_drop(
            session, [make_run(session, release, size=10), make_run(session, release, size=5)], opens_at=NOW + timedelta(days=1)
        )
        make_run(session, release, size=7, pressed=False)
    page = look(app, "/releases/release-1").text
    for words in ("<strong>slowly</strong>", "Plays the harmonium.", "mira.example", "TAPE-001 · 2026", "1:01", "Announced"):
        assert words in page
    assert [at for at in ("A1", "A2", "B1") if f'<span class="track-at">{at}</span>' in page] == ["A1", "A2", "B1"]
    assert page.count('<source src="/media/a.mp3" type="audio/mpeg">') == 3
    assert page.count('href="/drops/drop-1"') == 2
    assert "Not pressed yet: 7 copies, numbered 1–7 planned." in page
    assert "Not announced yet." in page


def test_the_open_drop_is_linked_before_the_old_one(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)))
        make_drop(session, [run], opens_at=NOW - timedelta(days=9), closes_at=NOW - timedelta(days=8))
        make_drop(session, [run])
        make_drop(session, [run], opens_at=NOW + timedelta(days=1))
        make_drop(session, [run], published=False)
    page = look(app, "/releases/release-1").text
    assert 'href="/drops/drop-2"' in page
    assert all(f"drop-{n}" not in page for n in (1, 3, 4))


def test_no_tracks_no_runs_no_artwork(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        make_release(session, make_label(session))
    answer = look(app, "/releases/release-1")
    assert answer.status_code == 200
    assert "og:image" not in answer.text
    assert "Tracks" not in answer.text


def test_an_artist_link_that_is_no_web_address_is_left_out(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        session.get_one(Artist, release.artist_id).link = "javascript:alert(1)"
    assert "javascript:" not in look(app, "/releases/release-1").text


def test_artwork_leads_and_stands_on_the_card(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        release.artwork_id = _media(session, release.label_id, "cover.jpg", MediaKind.IMAGE, "image/jpeg").id
        release.artwork_alt = "A bus in the rain"
        make_drop(session, [make_run(session, release)])
    for path in ("/releases/release-1", "/drops/drop-1", "/"):
        page = look(app, path).text
        assert '<meta property="og:image" content="http://runout-tests/media/cover.jpg">' in page
        assert '<meta property="og:image:alt" content="A bus in the rain">' in page
        assert '<meta name="twitter:card" content="summary_large_image">' in page
    page = look(app, "/drops/drop-1").text
    assert 'srcset="/media/cover-640.jpg 640w, /media/cover.jpg 1600w"' in page
    assert 'width="1600" height="1200" alt="A bus in the rain"' in page


def test_an_unpublished_release_is_nowhere_but_in_its_drop(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        release.published = False
        make_drop(session, [make_run(session, release)])
    assert look(app, "/releases/release-1").status_code == 404
    page = look(app, "/drops/drop-1")
    assert page.status_code == 200
    assert "/releases/release-1" not in page.text


def test_the_release_as_json(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        make_drop(session, [make_run(session, make_release(session, make_label(session)), size=3)])
    body = look(app, "/releases/release-1", Accept="application/json").json
    assert (body["catalogue_number"], body["title"], body["artist"]) == ("TAPE-001", "Night Bus", "Mira Vale")
    assert body["runs"] == [
        {
            "run": "run-1",
            "title": "3 numbered, clear shell",
            "format": "cassette",
            "price": {"amount": 2400, "currency": "EUR"},
            "made": 3,
            "available": 3,
            "drop": "drop-1",
        }
    ]


def _media(session: Session, label_id: int, file: str, kind: MediaKind, content_type: str) -> Media:
    row = Media(
        label_id=label_id, kind=kind, file=file, content_type=content_type, size=9, created_at=datetime(2026, 1, 1, tzinfo=UTC),
        width=1600 if kind is MediaKind.IMAGE else None, height=1200 if kind is MediaKind.IMAGE else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
