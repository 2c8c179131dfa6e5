"""Puts a backup back: into an empty database, or in place of one, of either kind; nothing of it is used unless all is whole."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from app.accounts import audit, people
from app.accounts.models import Staff
from app.backup import ids, rows
from app.backup.erased import NOBODY, Erased
from app.backup.manifest import FILES, MEDIA, BackupTrouble, Manifest
from app.backup.opening import Reader, opened
from app.backup.place import made_anew, must_be_free
from app.backup.taking import Bar
from app.catalogue import file_store, media
from app.drops import pausing
from app.drops.doors import Door
from app.drops.models import Drop
from app.drops.stages import stage
from app.invariants import offenders
from app.kernel import shape
from app.kernel.db import Database
from app.privacy.again import Again, erase_again

WHY_PAUSED = "We are putting the shop in order after a fault. It goes on as soon as that is done."


@dataclass(frozen=True)
class Restored:
    """What was put back, what was not sound in it, which drops were paused, and where a replaced SQLite file went.

    `again` says who was erased again, `record` whether there was anything to know it from.
    """

    manifest: Manifest
    broken: list[str]
    paused: list[str]
    aside: Path | None
    again: Again
    record: bool


def restore(
    db: Database, media_dir: Path, file: Path, now: datetime, *, replace: bool, bar: Bar, erased: Erased = NOBODY
) -> Restored:
    """Bring database and media to where a backup was, then the tables to the newest shape.

    Who was `erased` since is erased again before anybody can see the rows. Running drops are paused and everybody is signed out
    of the desk, as what happened since has yet to be made good.
    BackupTrouble, and nothing lost, when the backup is not whole or too new, or the database is in use, or not empty
    without `replace`.
    """
    with bar("Checking the backup", 1) as step, opened(file) as reader:
        step(1)
        revision = reader.manifest.revision
        if not shape.known(revision):
            raise BackupTrouble(
                f"This backup was made by a newer Runout ({reader.manifest.version}): use that one, or a later one."
            )
        must_be_free(db, replace=replace)
        _put_media(reader, media_dir)
        with made_anew(db, now) as (session, aside):
            tables = shape.config(session.connection())
            command.upgrade(tables, revision)
            _fill(session.connection(), reader, bar)
            command.upgrade(tables, "head")
            broken = [invariant.id for invariant, _ in offenders(session, reader.manifest.at)]
            again = erase_again(session, erased.entries, erased.tokens, now)
            paused = _make_safe(session, reader.manifest, now, again)
    return Restored(reader.manifest, broken, paused, aside, again, erased.found)


def _put_media(reader: Reader, folder: Path) -> None:
    """Files before rows, as everywhere. Each file has a name of its own for ever, so one that is there may stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in reader.manifest.media:
        _put(reader, f"{MEDIA}{name}", folder / name)
    for name in reader.manifest.own:
        _put(reader, f"{FILES}{name}", file_store.prepared(folder) / name)


def _put(reader: Reader, part: str, there: Path) -> None:
    if there.exists():
        with there.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() == reader.manifest.files[part]:
                return
    media.write(there, reader.pieces(part))


def _fill(connection: Connection, reader: Reader, bar: Bar) -> None:
    found = {table.name: table for table in rows.tables(connection)}
    expected = reader.manifest.tables
    if found.keys() != expected.keys():
        raise BackupTrouble(
            f"The backup and its shape differ in these tables: {', '.join(sorted(found.keys() ^ expected.keys()))}."
        )
    keys = rows.without_foreign_keys(connection)
    with bar("Rows", sum(expected.values())) as step:
        for name, table in found.items():
            try:
                for loaded in rows.load(connection, table, reader.lines(name)):
                    step(loaded)
            except (LookupError, ValueError, TypeError, AttributeError, StatementError) as fault:
                raise BackupTrouble(f"{name} has a row that cannot be put back: {fault}.") from fault
            if (there := rows.count(connection, table)) != expected[name]:
                raise BackupTrouble(f"{name} has {there} rows, and the backup's manifest says {expected[name]}.")
    for key in keys:
        connection.exec_driver_sql(key)
    ids.leap(connection, list(found.values()))


def _make_safe(session: Session, manifest: Manifest, now: datetime, again: Again) -> list[str]:
    """Stop what must not go on before somebody has looked: selling, and desks that were signed in then."""
    published = session.scalars(select(Drop).where(Drop.published_at.is_not(None), Drop.paused_at.is_(None)).order_by(Drop.id))
    going = [drop for drop in published if stage(Door.of(drop), now) in pausing.GOING]
    for drop in going:
        pausing.pause(session, drop.id, WHY_PAUSED, now)
    for person_id in session.scalars(select(Staff.id)).all():
        people.end_sessions(session, person_id, now)
    backup, erased = manifest.at.isoformat(), again.people or None
    audit.note(session, "shop.restored", "shop", None, now=now, staff_id=None, backup=backup, erased_again=erased)
    session.flush()
    return [drop.title for drop in going]
