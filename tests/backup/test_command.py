"""`flask backup` and `flask restore` as a person types them."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.kernel import heartbeat
from app.kernel.db import connect, reading
from tests.backup.conftest import Kept, everything
from tests.cast import NOW, StoppedClock
from tests.site import SECRET_KEY, WEBHOOK_SECRET, make_app

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def flask(app: Flask, *words: str) -> Result:
    """Run one command."""
    with app.app_context():
        return app.test_cli_runner().invoke(args=words)


@pytest.fixture
def app(kept: Kept, clock: StoppedClock) -> Flask:
    """The shop whose backups are made."""
    return make_app(kept.db, clock, media_dir=kept.media, backup_dir=kept.folder)


def test_a_backup_says_what_it_is_and_that_it_was_made(app: Flask, kept: Kept) -> None:
    done = flask(app, "backup")
    rows = sum(len(table) for table in everything(kept.db).values()) - 1  # the note that it was made comes after
    file = kept.folder / "runout-20261127T190000Z.zip"
    size = file.stat().st_size / 1e6
    assert done.output == f"{file}: {rows} rows, 2 media files, {size:.1f} MB, read back and whole.\n"
    with reading(kept.db) as session:
        assert heartbeat.age(session, heartbeat.BACKUP, NOW + timedelta(hours=1)) == 3600


def test_it_goes_where_it_is_told_and_prunes(app: Flask, kept: Kept, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere" / "deep"
    there.mkdir(parents=True)
    (there / "runout-20250101T000000Z.zip").touch()
    done = flask(app, "backup", str(there), "--keep", "1")
    assert done.exit_code == 0
    assert done.output.endswith("Removed runout-20250101T000000Z.zip.\n")
    assert [file.name for file in there.glob("*.zip")] == ["runout-20261127T190000Z.zip"]


def test_without_a_folder_it_asks_for_one(kept: Kept, clock: StoppedClock) -> None:
    done = flask(make_app(kept.db, clock), "backup")
    assert (done.exit_code, "Say where to: flask backup FOLDER, or set BACKUP_DIR." in done.output) == (2, True)


def test_no_secret_is_in_it(app: Flask, kept: Kept) -> None:
    flask(app, "backup")
    with zipfile.ZipFile(kept.folder / "runout-20261127T190000Z.zip") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Tinsel Tapes" in whole
    assert [secret for secret in (SECRET_KEY, WEBHOOK_SECRET, "sk_test_") if secret.encode() in whole] == []


def test_a_restore_says_what_to_do_before_the_doors_open(app: Flask, kept: Kept, clock: StoppedClock, tmp_path: Path) -> None:
    flask(app, "backup")
    file = kept.folder / "runout-20261127T190000Z.zip"
    target = connect(f"sqlite:///{tmp_path / 'new' / 'shop.db'}")
    (tmp_path / "new").mkdir()
    other = make_app(target, clock, media_dir=tmp_path / "new" / "media")
    done = flask(other, "restore", str(file))
    assert done.exit_code == 0, done.output
    assert "Back to 2026-11-27 19:00:00 UTC" in done.output
    assert "Every invariant held at that moment." in done.output
    assert "Paused: Drop 1." in done.output
    assert "flask reconcile --since '2026-11-27 19:00:00' --heal" in done.output
    again = flask(other, "restore", str(file))
    assert (again.exit_code, again.output) == (
        1, "Error: There is a database already. Name an empty one in DATABASE_URL, or say --replace to lose this one.\n",
    )  # fmt: skip
    target.engine.dispose()


def test_what_is_unsound_in_a_backup_is_said(app: Flask, kept: Kept, clock: StoppedClock, tmp_path: Path) -> None:
    with kept.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE order_counters SET last = 0")
    flask(app, "backup")
    with kept.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE order_counters SET last = 1")
    target = connect(f"sqlite:///{tmp_path / 'shop.db'}")
    file = kept.folder / "runout-20261127T190000Z.zip"
    done = flask(make_app(target, clock, media_dir=tmp_path / "m"), "restore", str(file))
    assert "Not sound in it: orders.counted." in done.output
    target.engine.dispose()
