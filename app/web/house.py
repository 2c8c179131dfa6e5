"""What a request works with: settings, database, clock, tokens and the way to Stripe, in one typed place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from app.checkout.breaker import Breaker
from app.kernel import db
from app.kernel.clock import Clock
from app.kernel.db import Database
from app.kernel.tokens import Tokens
from app.payments.gateway import Gateway, open_gateway
from app.settings import Settings

_KEY = "runout"


@dataclass(frozen=True)
class House:
    """Made once per process by `furnish`."""

    settings: Settings
    db: Database
    clock: Clock
    tokens: Tokens
    gateway: Gateway

    @property
    def shop(self) -> str:
        """What marks our objects on a Stripe account that other shops may share."""
        return urlsplit(self.settings.base_url).netloc


def build(settings: Settings) -> House:
    """Open the database and the way to Stripe that the settings name."""
    database, clock = db.connect(settings.database_url, pool_size=settings.web_threads + 4), Clock(settings.clock_offset_file)
    gateway = open_gateway(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base, Breaker(database, clock))
    return House(settings, database, clock, Tokens(settings.signing_keys), gateway)


def furnish(app: Flask, house: House) -> None:
    """Give an application its house."""
    app.extensions[_KEY] = house


def house() -> House:
    """The current application's house."""
    found = current_app.extensions[_KEY]
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
