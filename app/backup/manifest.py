"""What a backup says of itself: of which moment and shape it is, and what each of its parts must be."""

import json
from dataclasses import asdict, dataclass

from pydantic import AwareDatetime, ConfigDict

FORMAT = 1
MANIFEST = "manifest.json"
ROWS, MEDIA, FILES = "rows/", "media/", "files/"
CHUNK = 1 << 20  # bytes read at once


class BackupTrouble(Exception):
    """No backup could be made, or none can be put back; the message is meant for a person."""


@dataclass(frozen=True)
class Manifest:
    """What is in a backup: everything that was committed before `at`, in the shape `revision`; `files` are SHA-256 by name."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    version: str
    revision: str
    database: str
    at: AwareDatetime
    tables: dict[str, int]
    files: dict[str, str]
    format: int = FORMAT

    @property
    def media(self) -> list[str]:
        """The names of the media files."""
        return sorted(name.removeprefix(MEDIA) for name in self.files if name.startswith(MEDIA))

    @property
    def own(self) -> list[str]:
        """The names of the files that come with copies."""
        return sorted(name.removeprefix(FILES) for name in self.files if name.startswith(FILES))

    def text(self) -> str:
        """As it is written."""
        return json.dumps(asdict(self) | {"at": self.at.isoformat()}, indent=1, sort_keys=True)
