"""The record of erasures beside the backups: a line for each, with ids and keyed fingerprints and nothing about a person.

An older backup still holds the person. Whoever puts it back reads this first, so that erased stays erased.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.privacy.models import ErasedRow, Erasure, ErasureState

NAME = "erasures.jsonl"
_PURPOSE = b"erasures\0"


@dataclass(frozen=True)
class Entry:
    """One erasure; `rows` are the names of what it emptied so far."""

    id: int
    label_id: int
    digest: str
    state: ErasureState
    asked_at: str
    due_at: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """What a record says, and how many of its lines none of our keys has signed: those are not believed."""

    entries: tuple[Entry, ...] = ()
    strange: int = field(default=0)


def entries(session: Session) -> list[Entry]:
    """What this database knows, oldest first."""
    rows: dict[int, list[str]] = {}
    for erasure_id, ref in session.execute(select(ErasedRow.erasure_id, ErasedRow.ref).order_by(ErasedRow.ref)):
        rows.setdefault(erasure_id, []).append(ref)
    return [_entry(each, rows.get(each.id, [])) for each in session.scalars(select(Erasure).order_by(Erasure.id))]


def merged(*some: Iterable[Entry]) -> list[Entry]:
    """Several records as one: what any of them emptied was emptied, and who came furthest is right about the state."""
    found: dict[tuple[int, str], Entry] = {}
    for entry in (each for record in some for each in record):
        known = found.get((entry.id, entry.digest), entry)
        state = max(known.state, entry.state, key=_STATES.index)
        rows = tuple(sorted({*known.rows, *entry.rows}))
        found[entry.id, entry.digest] = Entry(**{**asdict(known), "state": state, "rows": rows})
    return sorted(found.values(), key=lambda entry: (entry.id, entry.digest))


def read(folder: Path, keys: Sequence[bytes]) -> Read:
    """The record of a folder; nothing where there is none."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return Read()
    found = [_read(line, keys) for line in lines if line.strip()]
    return Read(tuple(entry for entry in found if entry is not None), found.count(None))


def is_behind(folder: Path, mine: Sequence[Entry], keys: Sequence[bytes]) -> bool:
    """Does the folder's record not say yet what we know?"""
    said = read(folder, keys).entries
    return merged(said, mine) != merged(said)


def write(folder: Path, mine: Sequence[Entry], keys: Sequence[bytes]) -> None:
    """Keep what the folder's record says, add ours, all signed with the newest key; lines of strangers stay as they are.

    A whole new file takes the place of the old one, so that a power cut leaves one of the two.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = folder / NAME
    old = there.read_text(encoding="utf-8").splitlines() if there.exists() else []
    known = [(line, _read(line, keys)) for line in old if line.strip()]
    strange = [line for line, entry in known if entry is None]
    every = merged([entry for _, entry in known if entry is not None], mine)
    rough = folder / f".{NAME}.{os.getpid()}"
    handle = os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("".join(f"{line}\n" for line in [*strange, *(_line(entry, keys[0]) for entry in every)]))
        out.flush()
        os.fsync(out.fileno())
    rough.rename(there)


_STATES = (ErasureState.WAITING, ErasureState.TAKEN_BACK, ErasureState.DONE)


def _entry(each: Erasure, rows: Sequence[str]) -> Entry:
    return Entry(each.id, each.label_id, each.digest, each.state, each.asked_at.isoformat(), each.due_at.isoformat(), tuple(rows))


def _line(entry: Entry, key: bytes) -> str:
    said = json.dumps(asdict(entry), sort_keys=True, separators=(",", ":"))
    return json.dumps({"erasure": json.loads(said), "mac": _mac(said, key)}, sort_keys=True, separators=(",", ":"))


def _read(line: str, keys: Sequence[bytes]) -> Entry | None:
    try:
        both: dict[str, Any] = json.loads(line)
        said = json.dumps(both["erasure"], sort_keys=True, separators=(",", ":"))
        if not any(hmac.compare_digest(both["mac"], _mac(said, key)) for key in keys):
            return None
        about = both["erasure"]
        entry = Entry(**{**about, "state": ErasureState(about["state"]), "rows": tuple(about["rows"])})
        datetime.fromisoformat(entry.asked_at), datetime.fromisoformat(entry.due_at)
    except (ValueError, TypeError, KeyError):
        return None
    return entry


def _mac(said: str, key: bytes) -> str:
    return hmac.new(key, _PURPOSE + said.encode(), hashlib.sha256).hexdigest()
