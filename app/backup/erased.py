"""Who was erased since a backup was made: what is known of it beside the backups, and in the database that is replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.backup.manifest import BackupTrouble
from app.kernel.db import Database, reading
from app.kernel.errors import Unavailable
from app.kernel.tokens import Tokens
from app.privacy import record
from app.privacy.record import Entry


@dataclass(frozen=True)
class Erased:
    """What was erased, and the keys by which a person is known again; `found` says whether there was any record."""

    entries: Sequence[Entry]
    tokens: Tokens
    found: bool


NOBODY = Erased((), Tokens((b"",)), found=False)


def known(db: Database, file: Path, kept: Path | None, tokens: Tokens) -> Erased:
    """From beside the backup, from where backups are `kept`, and from the database as long as it can be read.

    BackupTrouble when a record has lines that none of our keys has signed: perhaps they name people who must stay erased.
    """
    folders = {each.resolve() for each in (file.parent, kept) if each is not None}
    there = [folder for folder in sorted(folders) if (folder / record.NAME).exists()]
    records = [record.read(folder, tokens.keys) for folder in there]
    for folder, each in zip(there, records, strict=True):
        if each.strange:
            raise BackupTrouble(
                f"{folder / record.NAME} has {each.strange} lines that none of our keys has signed. Set SECRET_KEY_OLD to the key "
                "of that time. If it is another shop's, or damaged for good, move it away: who stands in it only will be back."
            )
    return Erased(record.merged(*(each.entries for each in records), _of_database(db)), tokens, found=bool(there))


def _of_database(db: Database) -> list[Entry]:
    file = Path(db.engine.url.database or "")
    if db.is_sqlite and not (file.exists() and file.stat().st_size):
        return []  # looking would make it
    try:
        with reading(db) as session:
            return record.entries(session)
    except (DBAPIError, Unavailable):  # empty, older than this record, damaged or away
        return []
