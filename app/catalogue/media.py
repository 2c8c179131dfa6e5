"""Keeps the pictures and sounds a label uploads: the file first, under a name of our own, then its row."""

import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.catalogue.models import Media, MediaKind
from app.kernel.errors import BadInput

LARGEST = 12 * 1024 * 1024  # bytes of one upload
SMALL = "-640"  # goes before a picture's ending for its smaller twin


@dataclass(frozen=True)
class Upload:
    """A checked upload: the main file's name and what its row says, and every file's content by name."""

    kind: MediaKind
    file: str
    content_type: str
    files: Mapping[str, bytes]
    width: int | None = None
    height: int | None = None
    seconds: int | None = None


def image(content: bytes, field: str = "artwork") -> Upload:
    """A picture as JPEG at 1600 and 640 pixels, without its EXIF. BadInput (on `field`) when it is none. Slow: no transaction."""
    from app.catalogue import pictures  # slow import: Pillow, and only an upload needs it  # noqa: PLC0415

    _bounded(content, field)
    picture = pictures.printed(content, field)
    file = f"{secrets.token_hex(16)}.jpg"
    files = {file: picture.large, small(file): picture.small}
    return Upload(MediaKind.IMAGE, file, "image/jpeg", files, width=picture.width, height=picture.height)


def audio(content: bytes, field: str = "preview") -> Upload:
    """A sound as what its content is, without its tags. BadInput (on `field`) when it is none, or too long."""
    from app.catalogue import sounds  # slow import: Mutagen, and only an upload needs it  # noqa: PLC0415

    _bounded(content, field)
    sound = sounds.checked(content, field)
    file = f"{secrets.token_hex(16)}{sound.ending}"
    return Upload(MediaKind.AUDIO, file, sound.content_type, {file: sound.content}, seconds=sound.seconds)


def keep(session: Session, label_id: int, upload: Upload, folder: Path, now: datetime) -> Media:
    """Files before the row, so that no committed row ever points at nothing; no file stays when the row cannot be written.

    Who calls unlinks the file when the transaction fails after this.
    """
    folder.mkdir(parents=True, exist_ok=True)
    row = Media(
        label_id=label_id, kind=upload.kind, file=upload.file, content_type=upload.content_type,
        size=len(upload.files[upload.file]), width=upload.width, height=upload.height, seconds=upload.seconds, created_at=now,
    )  # fmt: skip
    try:
        for name, content in upload.files.items():
            write(folder / name, [content])
        session.add(row)
        session.flush()
    except BaseException:
        unlink(folder, upload.file)
        raise
    return row


def keep_image(session: Session, label_id: int, content: bytes, folder: Path, now: datetime) -> Media:
    """Check and keep a picture in one go."""
    return keep(session, label_id, image(content), folder, now)


def keep_audio(session: Session, label_id: int, content: bytes, folder: Path, now: datetime) -> Media:
    """Check and keep a sound in one go."""
    return keep(session, label_id, audio(content), folder, now)


def small(file: str) -> str:
    """The file name of a picture's smaller twin."""
    stem, dot, ending = file.rpartition(".")
    return f"{stem}{SMALL}{dot}{ending}"


def forget(session: Session, row: Media) -> str:
    """Remove a row that nothing shows any more; the file's name, to be removed with `unlink` once that is committed."""
    session.delete(row)
    session.flush()
    return row.file


def unlink(folder: Path, file: str) -> None:
    """Remove a stored file and its smaller twin; what is not there is not missed."""
    for name in (file, small(file)):
        (folder / name).unlink(missing_ok=True)


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Put a file there: all of it or none, on the disk before it has its name."""
    handle, rough = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(rough).chmod(0o644)
        Path(rough).rename(path)
    except BaseException:
        Path(rough).unlink(missing_ok=True)
        raise


def _bounded(content: bytes, field: str) -> None:
    if not content:
        raise BadInput("", {field: "The file is empty. Choose it again."})
    if len(content) > LARGEST:
        raise BadInput("", {field: f"The file is larger than {LARGEST // 1024 // 1024} MB. Save it smaller and try again."})
