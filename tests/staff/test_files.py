"""Files at the desk: sent whole or in parts, gone on with, named, sorted, removed; and by the command line."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.accounts.roles import Role
from app.catalogue import file_store
from app.catalogue.models import ReleaseFile
from app.kernel.db import Database, reading
from tests.shop.shopper import JSON
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words

CONTENT = bytes(range(256)) * 300
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def seat(keeping: Flask, db: Database, shelf: Shelf) -> Seat:
    """A manager where files are kept."""
    return sit_down(keeping, db, make_staff(db, "Manager", {shelf.label: Role.MANAGER}))


@pytest.fixture
def at(shelf: Shelf) -> str:
    """Where the release's files are."""
    return f"/staff/releases/{shelf.release}/files"


def send(seat: Seat, at: str, content: bytes = CONTENT, name: str = "album.zip") -> Any:
    """The whole form, as without a script."""
    return seat.post(at, {"kind": "album", "file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def begin(seat: Seat, at: str, size: int = len(CONTENT), **more: str) -> Any:
    """As the script begins."""
    return seat.post(f"{at}/begin", {"kind": "stems", "name": "stems.zip", "size": str(size), **more}, headers=JSON)


def part(seat: Seat, address: str, at: int, content: bytes, **more: str) -> Any:
    """As the script sends a part."""
    head = {**JSON, "X-CSRFToken": seat.token, **more}
    return seat.client.post(f"{address}?at={at}", data=content, content_type="application/octet-stream", headers=head)


def rows(db: Database) -> list[ReleaseFile]:
    with reading(db) as session:
        return list(session.scalars(select(ReleaseFile).order_by(ReleaseFile.position)))


def test_a_small_one_comes_with_its_form(db: Database, seat: Seat, at: str, tmp_path: Path) -> None:
    assert "Nothing yet." in words(seat.get(at))
    assert send(seat, at).status_code == 303
    [row] = rows(db)
    assert (row.name, row.size, row.sha256) == ("album.zip", len(CONTENT), SUM)
    assert (tmp_path / file_store.FOLDER / row.file).read_bytes() == CONTENT
    page = words(seat.get(at))
    assert "album.zip" in page
    assert "77 kB" in page
    assert SUM in words(seat.get(f"/staff/files/{row.id}"))
    with reading(db) as session:
        deeds = set(session.scalars(select(AuditEntry.deed)))
    assert {"release.file_begun", "release.file_added"} <= deeds


def test_a_large_one_comes_in_parts_and_goes_on_after_a_broken_line(db: Database, seat: Seat, at: str, tmp_path: Path) -> None:
    told = begin(seat, at).json
    assert told["at"] == 0
    assert part(seat, told["part"], 0, CONTENT[:1000]).json == {"at": 1000}
    assert part(seat, told["part"], 0, CONTENT[:1000]).json == {"at": 1000}
    early = seat.post(told["whole"], headers=JSON)
    assert (early.status_code, "Only 1,000 of" in early.json["detail"]) == (409, True)
    assert "unfinished: 1 kB" in words(seat.get(at))
    assert not rows(db)[0].sha256
    again = begin(seat, at).json
    assert (again["at"], again["part"]) == (1000, told["part"])
    assert part(seat, told["part"], 1000, CONTENT[1000:]).json == {"at": len(CONTENT)}
    assert seat.post(told["whole"], headers=JSON).json == {"sha256": SUM}
    [row] = rows(db)
    assert (tmp_path / file_store.FOLDER / row.file).read_bytes() == CONTENT


def test_a_part_needs_its_sender_and_has_an_end(db: Database, seat: Seat, at: str) -> None:
    told = begin(seat, at).json
    assert part(seat, told["part"], 0, b"x", **{"X-CSRFToken": "somebody else's"}).status_code == 403
    assert part(seat, told["part"], 0, bytes(file_store.PART + 2)).status_code == 413
    assert part(seat, told["part"], 0, bytes(len(CONTENT) + 1)).status_code == 422
    for wrong in (-1, 7):
        assert part(seat, told["part"], wrong, b"x").json == {"at": 0}
    assert part(seat, "/staff/files/99/part", 0, b"x").status_code == 404


def test_what_is_refused_before_a_byte_comes(db: Database, seat: Seat, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.staff.file_parts.SMALL", 5000)
    for size, said in ((file_store.LARGEST + 1, "At most 2 GB"), (0, "empty")):
        answer = begin(seat, at, size)
        assert (answer.status_code, said in answer.json["detail"]) == (422, True)
    assert begin(seat, at, kind="virus").status_code == 422
    assert send(seat, at, b"").status_code == 422
    assert send(seat, at, name=".htaccess").status_code == 422
    assert "Choose a file first" in words(seat.post(at, {"kind": "album"}))
    assert "may have 12 MB" in words(send(seat, at, bytes(5001)))
    assert rows(db) == []


def test_they_are_named_sorted_and_removed(db: Database, seat: Seat, at: str, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        send(seat, at, name.encode(), name)
    one, two = rows(db)
    assert seat.post(f"/staff/files/{two.id}", {"name": "Zine.pdf", "kind": "zine"}).status_code == 303
    assert "no dot in front" in words(seat.post(f"/staff/files/{two.id}", {"name": ".pdf", "kind": "zine"}))
    assert seat.post(f"/staff/files/{two.id}/up").status_code == 303
    assert [(row.name, row.kind.value) for row in rows(db)] == [("Zine.pdf", "zine"), ("one.zip", "album")]
    assert "not even who bought a copy" in words(seat.get(f"/staff/files/{one.id}/remove"))
    assert seat.post(f"/staff/files/{one.id}/remove").status_code == 303
    assert [path.name for path in (tmp_path / file_store.FOLDER).iterdir()] == [two.file]
    assert seat.get(f"/staff/files/{one.id}").status_code == 404


def test_the_form_says_where_its_parts_go(seat: Seat, at: str) -> None:
    page = seat.get(at).text
    assert f'data-upload="{at}/begin"' in page
    assert re.search(rf'data-part="{file_store.PART}"', page)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_the_command_adds_one_of_any_size(keeping: Flask, db: Database, shelf: Shelf, tmp_path: Path) -> None:
    source = tmp_path / "Night Bus.zip"
    source.write_bytes(CONTENT)
    with keeping.app_context():
        done = keeping.test_cli_runner().invoke(args=["files", "add", "release-1", str(source), "--name", "Album.zip"])
        wrong = keeping.test_cli_runner().invoke(args=["files", "add", "nothing", str(source)])
    assert (done.exit_code, SUM in done.output) == (0, True), done.output
    assert [(row.name, row.sha256) for row in rows(db)] == [("Album.zip", SUM)]
    assert (wrong.exit_code, "no release at /releases/nothing" in wrong.output) == (1, True)
