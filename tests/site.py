"""The whole application over a test's database, clock and local Stripe, for tests that speak HTTP to it."""

import functools
from pathlib import Path
from typing import Any

from flask import Flask

from app.checkout.house import House
from app.factory import create_app
from app.kernel.clock import Clock
from app.kernel.db import Database
from app.kernel.tokens import Tokens
from app.payments.gateway import Gateway, open_gateway
from app.settings import Environment, Settings
from app.web.house import furnish
from tests.cast import SHOP

# Nobody answers there; only a test that asks for `gateway` speaks to a Stripe.
NOBODY = "http://127.0.0.1:9"
SECRET_KEY = "the tests' own signing key, long enough"  # the one of tests.cast.TOKENS
OF_THE_HOUSE = {"backup_dir", "smtp_url"}  # settings that an application asks its house for, each time
WEBHOOK_SECRET = "whsec_the_tests_own_webhook_secret"


def make_app(
    db: Database,
    clock: Clock,
    gateway: Gateway | None = None,
    *,
    media_dir: Path = Path("nowhere"),
    anew: bool = False,
    **changes: Any,
) -> Flask:
    """The shop on this database and clock; `changes` are settings.

    For the same changes it is the same application furnished anew, because making one takes longer than most tests;
    `anew` makes one that has counted nothing yet.
    """
    settings = settings_of(media_dir, **changes)
    app = (_new if anew else _made)(**{name: value for name, value in changes.items() if name not in OF_THE_HOUSE})
    app.extensions["runout_memory"].clear()
    tokens = Tokens(settings.signing_keys)
    furnish(app, House(settings, db, clock, tokens, gateway or open_gateway("sk_test_nobody", NOBODY)))
    return app


def _new(**changes: Any) -> Flask:
    return create_app(settings_of(Path("nowhere"), **changes))


_made = functools.cache(_new)


def settings_of(media_dir: Path, **changes: Any) -> Settings:
    """The settings of such a shop."""
    values = {
        "environment": Environment.DEVELOPMENT,
        "secret_key": SECRET_KEY,
        "base_url": f"http://{SHOP}",
        "database_url": "sqlite:///never-opened.db",
        "media_dir": media_dir,
        "stripe_secret_key": "sk_test_the_tests_own_key",
        "stripe_webhook_secret": WEBHOOK_SECRET,
        "stripe_api_base": NOBODY,
        "smtp_url": "smtp://127.0.0.1:9",
        "mail_from": "Runout <shop@runout.example>",
    }
    return Settings(**{**values, **changes})
