"""Files that come with a copy: they arrive in parts, whole or not at all, in a sequence, under a name that a computer takes."""

import hashlib
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.catalogue import file_pouring, file_store, files, releases
from app.catalogue.models import FileKind
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict, NotFound, Unavailable
from tests.builders import make_label, make_release
from tests.cast import NOW

CONTENT = bytes(range(256)) * 5000
ALBUM = FileKind.ALBUM
FILE = "0" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files lie."""
    return file_store.prepared(tmp_path)


@pytest.fixture
def release(db: Database) -> int:
    """A release without files."""
    with transaction(db) as session:
        row = make_release(session, make_label(session))
        row.published = False
        return row.id


def add(db: Database, release: int, name: str = "album.zip", size: int = 3) -> int:
    """A file that has yet to come."""
    with transaction(db) as session:
        return files.begin(session, release, name, ALBUM, size, NOW).id


def send(folder: Path, at: int, until: int) -> int:
    return file_pouring.append(folder, FILE, at, BytesIO(CONTENT[at:until]), len(CONTENT))


def test_parts_make_a_file_and_its_checksum(folder: Path) -> None:
    half = len(CONTENT) // 2
    assert send(folder, 0, half) == half
    with pytest.raises(Conflict, match="it goes on where it stopped"):
        file_store.seal(folder, FILE, len(CONTENT))
    assert file_store.arrived(folder, FILE) == half
    assert send(folder, half, len(CONTENT)) == len(CONTENT)
    expected = hashlib.sha256(CONTENT).hexdigest()
    assert file_store.seal(folder, FILE, len(CONTENT)) == expected
    assert file_store.seal(folder, FILE, len(CONTENT)) == expected  # the answer was lost, and it is asked for again
    assert [path.name for path in folder.iterdir()] == [FILE]
    assert (folder / FILE).read_bytes() == CONTENT
    assert folder.stat().st_mode & 0o077 == 0


def test_a_part_that_came_before_or_too_early_changes_nothing(folder: Path) -> None:
    assert send(folder, 0, 1000) == 1000
    assert send(folder, 0, 1000) == 1000
    assert send(folder, 5000, 6000) == 1000
    assert send(folder, 1000, len(CONTENT)) == len(CONTENT)
    file_store.seal(folder, FILE, len(CONTENT))
    assert file_pouring.append(folder, FILE, 0, BytesIO(b"other"), len(CONTENT)) == len(CONTENT)
    assert (folder / FILE).read_bytes() == CONTENT


def test_more_than_was_said_is_not_kept(folder: Path) -> None:
    with pytest.raises(BadInput, match="More came"):
        file_pouring.append(folder, FILE, 0, BytesIO(b"abcd"), 3)
    assert file_store.arrived(folder, FILE) == 0


def test_a_part_that_broke_off_leaves_what_was_there(folder: Path) -> None:
    class Full(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if piece := super().read(2):
                return piece
            raise OSError(28, "No space left on device")

    send(folder, 0, 1000)
    with pytest.raises(Unavailable, match="disk is full"):
        file_pouring.append(folder, FILE, 1000, Full(b"abcdef"), len(CONTENT))
    assert file_store.arrived(folder, FILE) == 1000


def test_what_would_fill_the_disk_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=file_store.SPARE + 5_000_000))
    file_store.must_fit(folder, 5_000_000)
    with pytest.raises(BadInput, match="room for 4 MB more"):
        file_store.must_fit(folder, 5_000_001)


def test_they_have_a_sequence(db: Database, release: int) -> None:
    one, two, three = (add(db, release, name) for name in ("1.zip", "2.zip", "3.zip"))
    with transaction(db) as session:
        files.move(session, three, -1)
        files.move(session, one, -1)  # is first already
    with reading(db) as session:
        assert [row.id for row in files.of_release(session, release)] == [one, three, two]


def test_one_that_came_in_part_goes_on_and_one_that_is_whole_does_not(db: Database, release: int) -> None:
    first = add(db, release)
    assert add(db, release) == first
    assert add(db, release, size=4) != first
    with transaction(db) as session:
        files.whole(session, first, "a" * 64, NOW)
    assert add(db, release) != first


@pytest.mark.parametrize("name", ["", "  ", ".htaccess", "a\0b", "x" * 121, "folder/"])
def test_a_name_that_cannot_be_kept(db: Database, release: int, name: str) -> None:
    with pytest.raises(BadInput):
        add(db, release, name)


def test_a_name_loses_its_folders(db: Database, release: int) -> None:
    with transaction(db) as session:
        row = files.begin(session, release, "C:\\music\\../Night Bus.zip", ALBUM, 1, NOW)
        assert (row.name, len(row.file)) == ("Night Bus.zip", 32)


def test_there_is_an_end_of_them(db: Database, release: int) -> None:
    for n in range(files.MOST):
        add(db, release, f"{n}.zip")
    with pytest.raises(BadInput, match="at most 40 files"):
        add(db, release, "one more.zip")
    with pytest.raises(BadInput, match="empty"):
        add(db, release, "empty.zip", 0)


def test_a_release_with_files_stays(db: Database, release: int) -> None:
    file_id = add(db, release)
    with pytest.raises(Conflict, match="Remove them first"), transaction(db) as session:
        releases.remove(session, release)
    with transaction(db) as session:
        assert len(files.remove(session, file_id)) == 32
        with pytest.raises(NotFound):
            files.remove(session, file_id)
        releases.remove(session, release)


def test_downloads_are_counted(db: Database, release: int) -> None:
    file_id = add(db, release)
    for _ in range(2):
        with transaction(db) as session:
            files.count(session, file_id)
    with reading(db) as session:
        assert files.of_release(session, release)[0].downloads == 2
