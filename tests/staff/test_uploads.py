"""Covers and previews over HTTP: kept, replaced, taken away; hostile ones leave nothing behind."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.catalogue import media
from app.catalogue.models import Media, Release, Track
from app.kernel.db import Database, reading, transaction
from tests.catalogue.files import HOSTILE, picture, wave
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words

NAMES = ["../../etc/passwd", "..\\x", "/abs", "a\0.png", "CON", "x" * 300, ".htaccess", 'a"; filename="b.png']


@pytest.fixture
def seat(keeping: Flask, db: Database, shelf: Shelf) -> Seat:
    """A manager where files are kept."""
    return sit_down(keeping, db, make_staff(db, "Manager", {shelf.label: Role.MANAGER}))


@pytest.fixture
def track(db: Database, shelf: Shelf) -> int:
    """A track without a preview."""
    with transaction(db) as session:
        row = Track(release_id=shelf.release, position=1, title="One")
        session.add(row)
        session.flush()
        return row.id


def _send(seat: Seat, path: str, field: str, content: bytes, name: str = "a.jpg", **more: str) -> Any:
    data = {field: (io.BytesIO(content), name), **more}
    return seat.post(path, data, content_type="multipart/form-data")


def test_a_cover_is_kept_replaced_and_taken_off(db: Database, seat: Seat, shelf: Shelf, tmp_path: Path) -> None:
    at = f"/staff/releases/{shelf.release}/artwork"
    assert _send(seat, at, "artwork", picture(), alt="A red field").status_code == 303
    first = {path.name for path in tmp_path.iterdir()}
    assert _send(seat, at, "artwork", picture("PNG"), alt="Another").status_code == 303
    second = {path.name for path in tmp_path.iterdir()}
    assert (len(first), len(second), first & second) == (2, 2, set())
    assert seat.post(at, {"alt": "Only other words"}).status_code == 303
    with reading(db) as session:
        row = session.get_one(Release, shelf.release)
        assert row.artwork is not None
        assert (row.artwork.file in second, row.artwork_alt) == (True, "Only other words")
        file = row.artwork.file
    with seat.get(f"/media/{file}") as served:
        found = (served.status_code, served.content_type, served.headers["X-Content-Type-Options"])
    assert found == (200, "image/jpeg", "nosniff")
    assert seat.post(f"{at}/remove").status_code == 303
    assert list(tmp_path.iterdir()) == []
    with reading(db) as session:
        assert session.scalars(select(Media)).all() == []


def test_a_preview_is_kept_replaced_and_goes_with_its_track(
    db: Database, seat: Seat, shelf: Shelf, track: int, tmp_path: Path
) -> None:
    at = f"/staff/tracks/{track}/preview"
    assert _send(seat, at, "preview", wave(), "a.mp3").status_code == 303
    assert _send(seat, at, "preview", wave(3), "a.mp3").status_code == 303
    assert [path.suffix for path in tmp_path.iterdir()] == [".wav"]
    empty = {"track": [""], "side": [""], "title": [""], "length": [""], "do": "save"}
    assert seat.post(f"/staff/releases/{shelf.release}/tracks", empty).status_code == 303
    assert list(tmp_path.iterdir()) == []
    with reading(db) as session:
        assert (session.scalars(select(Media)).all(), session.scalars(select(Track)).all()) == ([], [])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_nothing_is_kept(
    db: Database, seat: Seat, shelf: Shelf, track: int, tmp_path: Path, name: str
) -> None:
    for path, field in ((f"/staff/releases/{shelf.release}/artwork", "artwork"), (f"/staff/tracks/{track}/preview", "preview")):
        answer = _send(seat, path, field, HOSTILE[name], alt="What it shows")
        assert (answer.status_code, f'id="e-{field}"' in answer.get_data(as_text=True)) == (422, True)
    assert list(tmp_path.iterdir()) == []
    with reading(db) as session:
        assert session.scalars(select(Media)).all() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_files_own_name_is_never_used(seat: Seat, shelf: Shelf, tmp_path: Path, name: str) -> None:
    assert _send(seat, f"/staff/releases/{shelf.release}/artwork", "artwork", picture(), name, alt="x").status_code in {303, 422}
    assert all(len(path.stem.split("-")[0]) == 32 and path.suffix == ".jpg" for path in tmp_path.iterdir())


def test_a_cover_needs_words_and_a_picture(seat: Seat, shelf: Shelf, tmp_path: Path) -> None:
    at = f"/staff/releases/{shelf.release}/artwork"
    assert _send(seat, at, "artwork", picture(), alt="").status_code == 422
    assert "Choose a picture first" in words(seat.post(at, {"alt": "words"}))
    assert list(tmp_path.iterdir()) == []


def test_only_uploads_may_be_large(seat: Seat, shelf: Shelf) -> None:
    large = "x" * 100_000
    assert seat.post(f"/staff/artists/{shelf.artist}", {"name": "A", "story": large}).status_code == 413
    huge = seat.client.post(
        f"/staff/releases/{shelf.release}/artwork",
        data=b"\0" * (media.LARGEST + 200_000),
        content_type="multipart/form-data; boundary=b",
    )
    assert huge.status_code == 413


def test_no_file_stays_when_the_row_is_not_committed(
    keeping: Flask, db: Database, seat: Seat, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.staff.deed.audit.note", lambda *_args, **_more: 1 / 0)
    assert _send(seat, f"/staff/releases/{shelf.release}/artwork", "artwork", picture(), alt="x").status_code == 500
    assert list(tmp_path.iterdir()) == []
