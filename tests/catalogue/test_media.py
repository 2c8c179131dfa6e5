"""Uploads: what is kept is clean and known by its content; what is not understood is refused and leaves nothing."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import mutagen
import pytest
from PIL import Image
from sqlalchemy import select

from app.catalogue import media, pictures, sounds
from app.catalogue.models import Media
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput
from tests.builders import make_label
from tests.cast import NOW
from tests.catalogue.files import HOSTILE, long_wave, mp3, picture, tagged_wave


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_printed_anew_upright_and_without_its_past(kind: str) -> None:
    found = pictures.printed(picture(kind, (2400, 1200)), "artwork")
    assert (found.width, found.height) == (800, 1600)
    for content, longest in ((found.large, 1600), (found.small, 640)):
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, max(image.size), image.mode, len(image.getexif())) == ("JPEG", longest, "RGB", 0)
        assert b"where we live" not in content


LARGEST = [
    ("JPEG", "RGB", 8000, {}),
    ("JPEG", "RGB", 4890, {"progressive": True}),
    ("JPEG", "CMYK", 4890, {"progressive": True}),
    ("PNG", "P", 4000, {}),
    ("PNG", "RGBA", 4000, {}),
    ("WEBP", "RGBA", 3460, {"lossless": True, "method": 0}),
]
MEASURE = """
import resource, sys
from app.catalogue import pictures
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
before = peak()
pictures.printed(sys.stdin.buffer.read(), "artwork")
print(peak() - before)
"""


@pytest.mark.parametrize(("kind", "mode", "side", "options"), LARGEST)
def test_the_largest_that_is_read_takes_little_memory(kind: str, mode: str, side: int, options: dict[str, Any]) -> None:
    out = io.BytesIO()
    Image.new(mode, (side, side)).save(out, kind, **options)
    ran = subprocess.run([sys.executable, "-c", MEASURE], input=out.getvalue(), capture_output=True, check=True)
    assert float(ran.stdout) < 200, "MB"
    larger = io.BytesIO()
    Image.new(mode, (side + 20, side + 20)).save(larger, kind, **options)
    with pytest.raises(BadInput, match="too many pixels"):
        pictures.printed(larger.getvalue(), "artwork")


def test_what_is_behind_a_picture_is_not_kept() -> None:
    found = pictures.printed(picture() + b"<script>alert(1)</script>", "artwork")
    assert b"script" not in found.large + found.small


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "CMYK", "I;16", "1"])
def test_every_kind_of_pixel_becomes_ink_on_paper(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (64, 32)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    with Image.open(io.BytesIO(pictures.printed(out.getvalue(), "artwork").large)) as image:
        assert (image.mode, image.size) == ("RGB", (64, 32))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("check", [media.image, media.audio])
def test_hostile_files_are_refused_in_words(name: str, check: object) -> None:
    with pytest.raises(BadInput) as no:
        check(HOSTILE[name], "file")  # type: ignore[operator]
    assert len(no.value.fields["file"]) > 20


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadInput, match="larger than 12 MB"):
        media.image(b"\xff\xd8\xff" + b"\0" * media.LARGEST)


def test_a_sound_loses_its_tags() -> None:
    found = sounds.checked(tagged_wave(), "preview")
    assert (found.content_type, found.ending, found.seconds) == ("audio/wav", ".wav", 2)
    assert all(secret not in found.content for secret in (b"home address", b"<script>", b"secret notes"))
    assert mutagen.File(io.BytesIO(found.content)).info.length == pytest.approx(2, abs=0.01)


def test_an_mp3_is_known_by_its_content() -> None:
    found = sounds.checked(mp3(), "preview")
    assert (found.content_type, found.ending, found.seconds) == ("audio/mpeg", ".mp3", 3)
    assert found.content[:2] == b"\xff\xfb"
    assert b"our tape" not in found.content
    assert b"TAGhome" not in found.content


def test_a_preview_has_an_end() -> None:
    with pytest.raises(BadInput, match="at most 120 seconds; this one lasts 130"):
        sounds.checked(long_wave(), "preview")


def test_files_lie_under_names_of_our_own(db: Database, tmp_path: Path) -> None:
    with transaction(db) as session:
        label = make_label(session)
        row = media.keep_image(session, label.id, picture(), tmp_path, NOW)
    assert {path.name for path in tmp_path.iterdir()} == {row.file, media.small(row.file)}
    assert (row.content_type, row.width, row.height, row.size) == ("image/jpeg", 600, 900, (tmp_path / row.file).stat().st_size)


def test_no_file_stays_when_its_row_cannot_be_written(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = media.image(picture())
    with pytest.raises(ZeroDivisionError), transaction(db) as session:
        monkeypatch.setattr(session, "flush", lambda: 1 / 0)
        media.keep(session, 1, upload, tmp_path, NOW)
    with reading(db) as session:
        assert session.scalars(select(Media)).all() == []
    assert list(tmp_path.iterdir()) == []
