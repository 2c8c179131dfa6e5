"""What is not whole is not used, what is there is not lost by accident, and no half of a backup ever has a backup's name."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from app.backup import BackupTrouble, Restored
from app.kernel.db import Database, connect
from tests.backup.conftest import Kept, everything, no_bar

PutBack = Callable[..., Restored]
# The file is the same wherever its rows come from or go to.
one_database = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive with other parts, its checksums in order as far as a zip has them."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-300])


def one_byte_other(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(b"a sound")] ^= 1
    file.write_bytes(content)


def row_changed(file: Path) -> None:
    rewritten(file, lambda parts: parts.update({"rows/copies.jsonl": parts["rows/copies.jsonl"].replace(b"held", b"sold")}))


def table_gone(file: Path) -> None:
    rewritten(file, lambda parts: parts.pop("rows/copies.jsonl"))


def manifest_gone(file: Path) -> None:
    rewritten(file, lambda parts: parts.pop("manifest.json"))


def part_added(file: Path) -> None:
    rewritten(file, lambda parts: parts.update({"media/../../evil": b"!"}))


def way_out_named(file: Path, name: str = "media/../evil") -> None:
    def change(parts: dict[str, bytes]) -> None:
        said = json.loads(parts["manifest.json"])
        said["files"][name] = said["files"].pop("media/bb.mp3")
        parts[name] = parts.pop("media/bb.mp3")
        parts["manifest.json"] = json.dumps(said).encode()

    rewritten(file, change)


def root_named(file: Path) -> None:
    way_out_named(file, "media//evil")


def said_otherwise(**words: Any) -> Callable[[Path], None]:
    def otherwise(file: Path) -> None:
        rewritten(
            file, lambda parts: parts.update({"manifest.json": json.dumps(json.loads(parts["manifest.json"]) | words).encode()})
        )

    return otherwise


def nested(file: Path) -> None:
    rewritten(file, lambda parts: parts.update({"manifest.json": b"[" * 100_000}))


def encrypted(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)


def no_zip(file: Path) -> None:
    file.write_text("a letter")


@one_database
@pytest.mark.parametrize(
    "damage",
    [
        *(truncated, one_byte_other, row_changed, table_gone, manifest_gone, part_added, way_out_named, root_named, no_zip),
        *(nested, encrypted, said_otherwise(files=[]), said_otherwise(tables={"copies": "many"})),
        *(said_otherwise(at="2026-11-27T19:00:00"), said_otherwise(mood="sad")),
    ],
)
def test_what_is_not_whole_is_not_used(kept: Kept, put_back: PutBack, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    made = kept.take()
    damage(made.path)
    target = connect(f"sqlite:///{tmp_path / 'fresh.db'}")
    with pytest.raises(BackupTrouble, match=r"is not a whole backup|cannot be read as a backup"):
        put_back(target, made.path)
    assert not (tmp_path / "fresh.db").exists()
    assert not (tmp_path / "restored-media").exists()


@one_database
@pytest.mark.parametrize("line", [b"no json", b"[]", b"{}", b'{"id": "a word"}', b'{"id": null}'])
def test_rows_that_cannot_be_read_are_said_so(kept: Kept, put_back: PutBack, tmp_path: Path, line: bytes) -> None:
    made = kept.take()

    def change(parts: dict[str, bytes]) -> None:
        said = json.loads(parts["manifest.json"])
        parts["rows/copies.jsonl"] = line + b"\n"
        said["files"]["rows/copies.jsonl"] = hashlib.sha256(parts["rows/copies.jsonl"]).hexdigest()
        parts["manifest.json"] = json.dumps(said).encode()

    rewritten(made.path, change)
    target = connect(f"sqlite:///{tmp_path / 'fresh.db'}")
    with pytest.raises(BackupTrouble, match=r"copies has (a row that cannot be put back|0 rows)"):
        put_back(target, made.path)
    assert not (tmp_path / "fresh.db").exists()


@one_database
def test_a_folder_that_is_not_there_is_made(kept: Kept, put_back: PutBack, tmp_path: Path) -> None:
    made = kept.take()
    target = connect(f"sqlite:///{tmp_path / 'drill' / 'shop.db'}")
    done = put_back(target, made.path)
    assert done.aside is None
    assert everything(target)["orders"] == everything(kept.db)["orders"]
    target.engine.dispose()


def newer(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | {"revision": "of next year"}).encode()


def other_format(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | {"format": 2}).encode()


@one_database
@pytest.mark.parametrize(("change", "words"), [(newer, "made by a newer Runout"), (other_format, "format 2")])
def test_a_backup_of_a_newer_shop_is_refused(
    kept: Kept, target: Database, put_back: PutBack, change: Callable[[dict[str, bytes]], None], words: str
) -> None:
    made = kept.take()
    with pytest.raises(BackupTrouble, match=words):
        put_back(target, rewritten(made.path, change))
    with target.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_a_database_that_is_there_is_lost_only_on_request(kept: Kept, target: Database, put_back: PutBack, tmp_path: Path) -> None:
    made = kept.take()
    put_back(target, made.path)
    with target.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE labels SET name = 'Of today'")
    with pytest.raises(BackupTrouble, match="There is a database already"):
        put_back(target, made.path)
    assert "Of today" in str(everything(target)["labels"])
    done = put_back(target, made.path, replace=True)
    assert everything(target)["labels"] == everything(kept.db)["labels"]
    if target.is_sqlite:
        assert done.aside is not None
        old = connect(f"sqlite:///{done.aside}")
        assert "Of today" in str(everything(old)["labels"])
        old.engine.dispose()
        assert sorted(file.name for file in done.aside.parent.iterdir() if "shm" not in file.name and "wal" not in file.name) == [
            "empty.db",
            done.aside.name,
        ]
    else:
        assert done.aside is None


def test_a_restore_that_fails_on_the_way_leaves_what_was_there(
    kept: Kept, target: Database, put_back: PutBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = kept.take()
    put_back(target, made.path)
    before = everything(target)

    def cut(*_: Any) -> None:
        raise OSError("the power is gone")

    monkeypatch.setattr("app.backup.ids.leap", cut)
    with pytest.raises(OSError, match="power"):
        put_back(target, made.path, replace=True)
    assert everything(target) == before


def test_a_database_in_use_is_not_replaced(kept: Kept, target: Database, put_back: PutBack) -> None:
    made = kept.take()
    put_back(target, made.path)
    shop = connect(target.engine.url.render_as_string(hide_password=False), pool_size=1)
    everything(shop)  # its connection stays open, as a web server's does
    with pytest.raises(BackupTrouble, match="stop the shop first"):
        put_back(target, made.path, replace=True)
    shop.engine.dispose()


@one_database
def test_a_damaged_sqlite_file_can_be_replaced(kept: Kept, put_back: PutBack, tmp_path: Path) -> None:
    made = kept.take()
    ruin = tmp_path / "ruin.db"
    ruin.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    target = connect(f"sqlite:///{ruin}")
    with pytest.raises(BackupTrouble, match="There is a database already"):
        put_back(target, made.path)
    done = put_back(target, made.path, replace=True)
    assert everything(target)["orders"] == everything(kept.db)["orders"]
    assert done.aside is not None
    assert done.aside.read_bytes() == b"SQLite format 3\0" + b"\xff" * 5000
    target.engine.dispose()


def test_an_empty_database_has_nothing_to_keep(target: Database, kept: Kept) -> None:
    with pytest.raises(BackupTrouble, match="flask db upgrade"):
        Kept(target, kept.media, kept.folder, 0, 0).take()
    assert list(kept.folder.glob("*.zip")) == []


@one_database
def test_a_backup_that_fails_leaves_no_file(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.backup.archive.Writer.finish", full)
    with pytest.raises(BackupTrouble, match="No space left on device"):
        kept.take()
    assert [file.name for file in kept.folder.iterdir()] == [".lock"]


@one_database
def test_what_cannot_be_read_back_gets_no_name(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that does not keep what it is given."""

    @contextmanager
    def forgetful(path: Path, looked_at: Callable[[], object]) -> Iterator[None]:
        raise BackupTrouble(f"{path} is not a whole backup")
        yield

    monkeypatch.setattr("app.backup.taking.opened", forgetful)
    with pytest.raises(BackupTrouble, match="not a whole backup"):
        kept.take()
    assert [file.name for file in kept.folder.iterdir()] == [".lock"]


@one_database
def test_what_a_killed_backup_left_is_swept(kept: Kept) -> None:
    kept.folder.mkdir()
    (kept.folder / ".unfinished.zip").write_bytes(b"half")
    made = kept.take()
    assert sorted(file.name for file in kept.folder.iterdir()) == [".lock", "runout-20261127T190000Z.zip"]
    assert made.path.stat().st_mode & 0o777 == 0o600


@one_database
def test_one_backup_at_a_time(kept: Kept) -> None:
    @contextmanager
    def meanwhile(_what: str, _steps: int) -> Iterator[Callable[[int], object]]:
        with pytest.raises(BackupTrouble, match="Another backup is being written"):
            kept.take(no_bar)
        yield lambda _: None

    assert kept.take(meanwhile).path.exists()


@one_database
def test_old_backups_are_removed_when_the_new_one_is_there(kept: Kept) -> None:
    kept.folder.mkdir()
    for day in (1, 2, 3):
        (kept.folder / f"runout-2026110{day}T000000Z.zip").touch()
    (kept.folder / "notes.zip").touch()
    made = kept.take(keep=2)
    assert [old.name for old in made.removed] == ["runout-20261102T000000Z.zip", "runout-20261101T000000Z.zip"]
    left = sorted(file.name for file in kept.folder.glob("*.zip"))
    assert left == ["notes.zip", "runout-20261103T000000Z.zip", "runout-20261127T190000Z.zip"]


@one_database
def test_a_file_that_a_label_removes_meanwhile_is_no_trouble(kept: Kept, target: Database, put_back: PutBack) -> None:
    @contextmanager
    def removing(what: str, _steps: int) -> Iterator[Callable[[int], object]]:
        if what == "Media":
            (kept.media / "bb.mp3").unlink()
            (kept.media / "dd.jpg").write_bytes(b"new")
        yield lambda _: None

    made = kept.take(removing)
    assert made.manifest.media == ["aa.jpg", "dd.jpg"]
    put_back(target, made.path)
