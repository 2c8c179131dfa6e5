"""Pictures and sounds come from the media folder alone, whole or in ranges, under what the database says they are."""

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.catalogue.models import Media, MediaKind
from app.kernel.db import Database, transaction
from tests.builders import make_label
from tests.cast import NOW, StoppedClock
from tests.site import make_app

SOUND = bytes(range(256)) * 4


@pytest.fixture
def stocked(db: Database, clock: StoppedClock, tmp_path: Path) -> Flask:
    """A shop with one sound, one picture in two sizes, one row whose file is gone, and a file that no row names."""
    folder = tmp_path / "media"
    folder.mkdir()
    for name, content in {"s.mp3": SOUND, "p.jpg": b"large", "p-640.jpg": b"small", "q.jpg": b"only", "loose.jpg": b"x"}.items():
        (folder / name).write_bytes(content)
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    with transaction(db) as session:
        label = make_label(session)
        for file, kind, word in (
            ("s.mp3", MediaKind.AUDIO, "audio/mpeg"),
            ("p.jpg", MediaKind.IMAGE, "image/jpeg"),
            ("q.jpg", MediaKind.IMAGE, "image/jpeg"),
            ("gone.jpg", MediaKind.IMAGE, "image/jpeg"),
        ):
            session.add(Media(label_id=label.id, kind=kind, file=file, content_type=word, size=1, created_at=NOW))
    return make_app(db, clock, media_dir=folder)


def fetch(app: Flask, path: str, **headers: str) -> TestResponse:
    """The answer, read to its end so that the file is closed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get(path, headers=named, buffered=True)


def test_a_whole_file(stocked: Flask) -> None:
    answer = fetch(stocked, "/media/s.mp3")
    assert (answer.status_code, answer.data, answer.content_type) == (200, SOUND, "audio/mpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_range_of_a_sound(stocked: Flask) -> None:
    answer = fetch(stocked, "/media/s.mp3", Range="bytes=10-19")
    assert (answer.status_code, answer.data) == (206, SOUND[10:20])
    assert answer.headers["Content-Range"] == f"bytes 10-19/{len(SOUND)}"
    assert fetch(stocked, "/media/s.mp3", Range="bytes=99999-").status_code == 416


def test_who_has_it_is_told_so(stocked: Flask) -> None:
    tag = fetch(stocked, "/media/s.mp3").headers["ETag"]
    assert fetch(stocked, "/media/s.mp3", If_None_Match=tag).status_code == 304


def test_the_smaller_twin_or_else_the_picture(stocked: Flask) -> None:
    assert fetch(stocked, "/media/p-640.jpg").data == b"small"
    assert fetch(stocked, "/media/q-640.jpg").data == b"only"
    assert fetch(stocked, "/media/p.jpg").headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert fetch(stocked, "/media/s.mp3").headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "name",
    [
        "loose.jpg",
        "gone.jpg",
        "none.jpg",
        "../secret.jpg",
        "..%2fsecret.jpg",
        "%2e%2e/secret.jpg",
        ".jpg",
        "s.mp3/",
        "s.mp3%00.jpg",
        "s",
    ],
)
def test_what_no_row_names_is_not_there(stocked: Flask, name: str) -> None:
    answer = fetch(stocked, f"/media/{name}")
    assert answer.status_code == 404
    assert b"secret" not in answer.data
