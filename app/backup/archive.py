"""Writes a backup's file: a zip with the rows, the media, and last a manifest that says what each part must be."""

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.backup.manifest import MANIFEST, Manifest


@dataclass
class Writer:
    """A backup that is being written; nothing is held in memory but one piece of one part."""

    path: Path
    at: datetime
    files: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Writer":
        self._zip = zipfile.ZipFile(self.path, "w")
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, pieces: Iterable[bytes], *, squeezed: bool) -> None:
        """Write one part, and remember what it must be."""
        digest = hashlib.sha256()
        with self._zip.open(self._part(name, squeezed=squeezed), "w", force_zip64=True) as part:
            for piece in pieces:
                digest.update(piece)
                part.write(piece)
        self.files[name] = digest.hexdigest()

    def finish(self, version: str, revision: str, database: str, tables: dict[str, int]) -> Manifest:
        """Write the manifest."""
        manifest = Manifest(version, revision, database, self.at, tables, self.files)
        self._zip.writestr(self._part(MANIFEST, squeezed=True), manifest.text())
        return manifest

    def _part(self, name: str, *, squeezed: bool) -> zipfile.ZipInfo:
        part = zipfile.ZipInfo(name, self.at.timetuple()[:6])
        part.compress_type = zipfile.ZIP_DEFLATED if squeezed else zipfile.ZIP_STORED
        return part
