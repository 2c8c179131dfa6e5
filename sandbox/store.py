"""Every object of the account, in memory behind one lock, and in one SQLite file when they should survive a restart."""

import copy
import itertools
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.errors import missing

Json = dict[str, Any]

_TABLE = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id)
)
"""
_WRITE = """
INSERT INTO objects (kind, id, body) VALUES (?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body
"""


class Store:
    """Objects by kind and id, in the order of their making. Reads hand out copies; writes happen in ``transaction()``."""

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._objects: dict[str, dict[str, Json]] = {}
        self._undo: list[tuple[str, str, Json | None]] = []
        self._after: list[Callable[[], None]] = []
        self._depth = 0
        self._database = _open(file) if file else None
        if self._database:
            for kind, key, body in self._database.execute("SELECT kind, id, body FROM objects ORDER BY seq"):
                self._objects.setdefault(kind, {})[key] = json.loads(body)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside, or none. What was given to ``after_commit`` runs once the lock is free again."""
        callbacks: list[Callable[[], None]] = []
        with self.lock:
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._roll_back()
                raise
            else:
                if self._depth == 1:
                    callbacks = self._commit()
            finally:
                self._depth -= 1
        for callback in callbacks:
            callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run ``callback`` when the present transaction has succeeded."""
        self._after.append(callback)

    def find(self, kind: str, key: str) -> Json | None:
        """A copy of the object, or nothing."""
        with self.lock:
            found = self._objects.get(kind, {}).get(key)
            return copy.deepcopy(found) if found is not None else None

    def get(self, kind: str, key: str, *, param: str = "id") -> Json:
        """A copy of the object; ``resource_missing`` when there is none."""
        found = self.find(kind, key)
        if found is None:
            raise missing(kind, key, param=param)
        return found

    def all(self, kind: str) -> list[Json]:
        """Copies of all objects of a kind, oldest first."""
        with self.lock:
            return copy.deepcopy(list(self._objects.get(kind, {}).values()))

    def select(self, kind: str, wanted: Callable[[Json], bool]) -> list[Json]:
        """Copies of the objects for which ``wanted`` is true, oldest first; ``wanted`` must only look."""
        with self.lock:
            return [copy.deepcopy(o) for o in self._objects.get(kind, {}).values() if wanted(o)]

    def newest(self, kind: str, wanted: Callable[[Json], bool] = lambda _: True) -> list[Json]:
        """The objects for which ``wanted`` is true, newest first and *not* copied: for lists, which copy their page."""
        with self.lock:
            return [o for o in reversed(self._objects.get(kind, {}).values()) if wanted(o)]

    def count(self, kind: str, wanted: Callable[[Json], bool]) -> int:
        """How many objects ``wanted`` is true for."""
        with self.lock:
            return sum(map(wanted, self._objects.get(kind, {}).values()))

    def first_keys(self, kind: str, wanted: Callable[[Json], bool]) -> list[str]:
        """The keys of the oldest objects, as far as ``wanted`` is true without a gap."""
        with self.lock:
            return [key for key, _ in itertools.takewhile(lambda kept: wanted(kept[1]), self._objects.get(kind, {}).items())]

    def put(self, kind: str, value: Json, key: str | None = None) -> None:
        """Keep the object under its ``id`` (or ``key``); only inside a transaction."""
        if not self._depth:
            raise RuntimeError("put() outside transaction()")
        name = key or value["id"]
        kept = self._objects.setdefault(kind, {})
        self._undo.append((kind, name, kept.get(name)))
        kept[name] = copy.deepcopy(value)

    def remove(self, kind: str, key: str) -> None:
        """Forget one object; only inside a transaction."""
        gone = self._objects.get(kind, {}).pop(key, None)
        if gone is not None:
            self._undo.append((kind, key, gone))

    def clear(self) -> None:
        """Forget everything, in memory and in the file."""
        with self.lock:
            self._objects.clear()
            if self._database:
                self._database.execute("DELETE FROM objects")
                self._database.commit()

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            if self._database:
                self._database.close()
                self._database = None

    def _commit(self) -> list[Callable[[], None]]:
        if self._database:
            for kind, key in dict.fromkeys((kind, key) for kind, key, _ in self._undo):
                value = self._objects[kind].get(key)
                if value is None:
                    self._database.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, key))
                else:
                    self._database.execute(_WRITE, (kind, key, json.dumps(value)))
            self._database.commit()
        callbacks, self._after, self._undo = self._after, [], []
        return callbacks

    def _roll_back(self) -> None:
        for kind, key, before in reversed(self._undo):
            if before is None:
                self._objects[kind].pop(key, None)
            else:
                self._objects[kind][key] = before
        self._undo, self._after = [], []


def _open(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, check_same_thread=False)  # the store's lock admits one thread at a time
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(_TABLE)
    return database
