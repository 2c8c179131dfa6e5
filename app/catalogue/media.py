"""Keeps the pictures and sounds a label uploads: the file first, under a name of our own, then its row."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.catalogue import pictures, sounds
from app.catalogue.models import Media, MediaKind
from app.kernel.errors import BadInput

LARGEST = 12 * 1024 * 1024  # bytes of one upload
SMALL = "-640"  # goes before a picture's ending for its smaller twin


def keep_image(session: Session, label_id: int, content: bytes, folder: Path, now: datetime, *, field: str = "artwork") -> Media:
    """Store a picture as JPEG at 1600 and 640 pixels, without its EXIF. BadInput (on `field`) when it is none."""
    _bounded(content, field)
    picture = pictures.printed(content, field)
    name = secrets.token_hex(16)
    files = {f"{name}.jpg": picture.large, f"{name}{SMALL}.jpg": picture.small}
    row = Media(
        label_id=label_id, kind=MediaKind.IMAGE, file=f"{name}.jpg", content_type="image/jpeg", size=len(picture.large),
        width=picture.width, height=picture.height, created_at=now,
    )  # fmt: skip
    return _keep(session, row, folder, files)


def keep_audio(session: Session, label_id: int, content: bytes, folder: Path, now: datetime, *, field: str = "preview") -> Media:
    """Store a sound as what its content is, without its tags. BadInput (on `field`) when it is none, or too long."""
    _bounded(content, field)
    sound = sounds.checked(content, field)
    name = f"{secrets.token_hex(16)}{sound.ending}"
    row = Media(
        label_id=label_id, kind=MediaKind.AUDIO, file=name, content_type=sound.content_type, size=len(sound.content),
        seconds=sound.seconds, created_at=now,
    )  # fmt: skip
    return _keep(session, row, folder, {name: sound.content})


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


def _bounded(content: bytes, field: str) -> None:
    if not content:
        raise BadInput("", {field: "The file is empty. Choose it again."})
    if len(content) > LARGEST:
        raise BadInput("", {field: f"The file is larger than {LARGEST // 1024 // 1024} MB. Save it smaller and try again."})


def _keep(session: Session, row: Media, folder: Path, files: Mapping[str, bytes]) -> Media:
    """Files before the row, so that no committed row ever points at nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, content in files.items():
            _write(folder / name, content)
        session.add(row)
        session.flush()
    except BaseException:
        unlink(folder, row.file)
        raise
    return row


def _write(path: Path, content: bytes) -> None:
    """All of the file or none of it, on the disk before it has its name."""
    handle, rough = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(rough).chmod(0o644)
        Path(rough).rename(path)
    except BaseException:
        Path(rough).unlink(missing_ok=True)
        raise
