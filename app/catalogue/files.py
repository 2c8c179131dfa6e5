"""The files that come with every copy of a release: said first, whole once all of it is here, in a sequence of the label's."""

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.catalogue.models import FileKind, ReleaseFile
from app.catalogue.releases import locked as locked_release
from app.kernel.errors import BadInput, NotFound

MOST = 40  # of a release
_LONGEST = 120  # signs of a name


def begin(session: Session, release_id: int, name: str, kind: FileKind, size: int, now: datetime) -> ReleaseFile:
    """The row of a file that is about to come; the same row for one that came in part, so that it goes on.

    BadInput for a name that no computer could keep it under, an empty file, or one too many.
    """
    locked_release(session, release_id)
    name, there = checked(name), of_release(session, release_id)
    if size < 1:
        raise BadInput("", {"file": "The file is empty. Choose it again."})
    for row in there:
        if row.sha256 is None and (row.name, row.size) == (name, size):
            row.kind = kind
            return row
    if len(there) >= MOST:
        raise BadInput("", {"file": f"A release has at most {MOST} files. Pack some of them together."})
    row = ReleaseFile(
        release_id=release_id, position=max((each.position for each in there), default=0) + 1, name=name, kind=kind,
        file=secrets.token_hex(16), size=size, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def whole(session: Session, file_id: int, sha256: str, now: datetime) -> ReleaseFile:
    """Note that all of a file is here: from now on it comes with the copies."""
    row = locked(session, file_id)
    if row.sha256 is None:
        row.sha256, row.whole_at = sha256, now
        session.flush()
    return row


def describe(session: Session, file_id: int, name: str, kind: FileKind) -> None:
    """Call a file something else."""
    row = locked(session, file_id)
    row.name, row.kind = checked(name, "name"), kind
    session.flush()


def move(session: Session, file_id: int, by: int) -> None:
    """Let a file change places with its neighbour before (-1) or after it (1); at the end of the row nothing changes."""
    row = locked(session, file_id)
    locked_release(session, row.release_id)
    there = of_release(session, row.release_id)
    at = there.index(row)
    if 0 <= at + by < len(there):
        other = there[at + by]
        row.position, other.position = other.position, row.position
        session.flush()


def remove(session: Session, file_id: int) -> str:
    """Forget a file; the stored name, to be unlinked once that is committed."""
    row = locked(session, file_id)
    session.delete(row)
    session.flush()
    return row.file


def count(session: Session, file_id: int) -> None:
    """One more download was begun."""
    more = ReleaseFile.downloads + 1
    session.execute(update(ReleaseFile).where(ReleaseFile.id == file_id).values(downloads=more))


def of_release(session: Session, release_id: int) -> Sequence[ReleaseFile]:
    """All of a release, whole or not, in their sequence."""
    mine = select(ReleaseFile).where(ReleaseFile.release_id == release_id)
    return session.scalars(mine.order_by(ReleaseFile.position, ReleaseFile.id)).all()


def locked(session: Session, file_id: int) -> ReleaseFile:
    """The file, locked and read after locking; NotFound when there is none."""
    row = session.get(ReleaseFile, file_id, with_for_update={"of": ReleaseFile}, populate_existing=True)
    if row is None:
        raise NotFound("There is no such file. Perhaps it was removed meanwhile.")
    return row


def checked(name: str, field: str = "file") -> str:
    """A file's name without its folders; BadInput (on `field`) for one that cannot be kept."""
    short = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].strip()
    if not short or len(short) > _LONGEST or short.startswith(".") or not short.isprintable():
        raise BadInput("", {field: f"A name such as “Night Bus, FLAC.zip”: at most {_LONGEST} signs, and no dot in front."})
    return short
