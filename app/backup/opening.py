"""Reads a backup's file, and trusts none of it before all of it was looked at."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter

from app.backup.manifest import CHUNK, FILES, FORMAT, MANIFEST, MEDIA, ROWS, BackupTrouble, Manifest

_MANIFEST = TypeAdapter(Manifest)
# What comes of reading a file that is damaged, or was made to do damage; a ValidationError is a ValueError.
_NOT_WHOLE = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError),
    *(LookupError, ValueError, TypeError, RuntimeError, RecursionError, NotImplementedError),
)


@dataclass(frozen=True)
class Reader:
    """A backup whose every part was found to be what its manifest says."""

    manifest: Manifest
    _zip: zipfile.ZipFile

    def lines(self, table: str) -> Iterator[bytes]:
        """The lines of one table."""
        with self._zip.open(f"{ROWS}{table}.jsonl") as part:
            yield from part

    def pieces(self, part: str) -> Iterator[bytes]:
        """One file, piece by piece: what comes with a copy may have gigabytes."""
        with self._zip.open(part) as content:
            while piece := content.read(CHUNK):
                yield piece


@contextmanager
def opened(path: Path, looked_at: Callable[[], object] = lambda: None) -> Iterator[Reader]:
    """Read all of a backup, then give it: BackupTrouble unless it is complete and every byte is what was written."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as fault:
        raise BackupTrouble(f"{path} cannot be read as a backup: {getattr(fault, 'strerror', None) or fault}.") from fault
    with archive:
        try:
            manifest = _manifest(archive)
            for name, expected in manifest.files.items():
                _check(archive, name, expected)
                looked_at()
        except _NOT_WHOLE as fault:
            raise BackupTrouble(f"{path} is not a whole backup, so nothing of it is used: {fault}.") from fault
        yield Reader(manifest, archive)


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    said = json.loads(archive.read(MANIFEST))
    if said["format"] != FORMAT:
        raise BackupTrouble(f"This backup has format {said['format']}, and this version of Runout reads {FORMAT}: use a newer one.")
    manifest = _MANIFEST.validate_python(said)
    if sorted(archive.namelist()) != sorted([*manifest.files, MANIFEST]):
        raise ValueError("its parts are not those that its manifest names")
    return manifest


def _check(archive: zipfile.ZipFile, name: str, expected: str) -> None:
    inner = PurePosixPath(name)
    folder = f"{inner.parts[0]}/"
    if folder not in {ROWS, MEDIA, FILES} or name != f"{folder}{inner.name}" or inner.name.startswith("."):
        raise ValueError(f"{name} has no place in a backup")
    digest = hashlib.sha256()
    with archive.open(name) as part:
        while piece := part.read(CHUNK):
            digest.update(piece)
    if digest.hexdigest() != expected:
        raise ValueError(f"{name} is not what was written")
