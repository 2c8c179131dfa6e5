"""What is asked most at T0 is answered without a single mapped object, even when nothing is remembered."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Mapper

from app.kernel.db import Database
from app.shop import memory
from tests.builders import open_drop

CLICK = {"run": "run-1", "quantity": "1"}


@contextmanager
def built() -> Iterator[list[str]]:
    """The names of the classes whose objects are made meanwhile."""
    seen: list[str] = []

    def note(target: object, *_rest: object) -> None:
        seen.append(type(target).__name__)

    for what in ("load", "init"):
        event.listen(Mapper, what, note)
    try:
        yield seen
    finally:
        for what in ("load", "init"):
            event.remove(Mapper, what, note)


@pytest.mark.parametrize("path", ["/drops/drop-1", "/drops/drop-1/live"])
def test_a_look(app: Flask, db: Database, path: str) -> None:
    open_drop(db)
    client = app.test_client()
    assert client.get(path).status_code == 200
    memory.of_app(app).clear()
    with built() as seen:
        assert client.get(path).status_code == 200
    assert seen == []


def test_the_first_click_and_who_is_too_late(app: Flask, db: Database) -> None:
    open_drop(db, size=1)
    with built() as seen:
        assert app.test_client().post("/drops/drop-1/holds", data=CLICK).status_code == 303
        for _ in range(2):  # found, and remembered
            assert app.test_client().post("/drops/drop-1/holds", data=CLICK).status_code == 409
    assert seen == []
