"""The house that a request works in: reached from wherever Flask is, without being handed through."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from app.checkout.house import House
from app.kernel import db

_KEY = "runout"


def furnish(app: Flask, house: House) -> None:
    """Give an application its house."""
    app.extensions[_KEY] = house


def house() -> House:
    """The current application's house."""
    return of_app(current_app)


def of_app(app: Flask) -> House:
    """An application's house."""
    found = app.extensions[_KEY]
    assert isinstance(found, House)  # noqa: S101 - narrows the type of a dictionary that holds anything
    return found


def now() -> datetime:
    """The time of this request, read once."""
    if "now" not in g:
        g.now = house().clock.now()
    found: datetime = g.now
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """A writing session on the current application's database."""
    with db.transaction(house().db) as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A reading session on the current application's database."""
    with db.reading(house().db) as session:
        yield session
