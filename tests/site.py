"""The whole application over a test's database, clock and local Stripe, for tests that speak HTTP to it."""

from pathlib import Path
from typing import Any

from flask import Flask

from app.factory import create_app
from app.kernel.clock import Clock
from app.kernel.db import Database
from app.kernel.tokens import Tokens
from app.payments.gateway import Gateway, open_gateway
from app.settings import Environment, Settings
from app.web.house import House, furnish
from tests.cast import SHOP

# Nobody answers there; only a test that asks for `gateway` speaks to a Stripe.
NOBODY = "http://127.0.0.1:9"
SECRET_KEY = "the tests' own signing key, long enough"  # the one of tests.cast.TOKENS
WEBHOOK_SECRET = "whsec_the_tests_own_webhook_secret"


def make_app(
    db: Database, clock: Clock, gateway: Gateway | None = None, *, media_dir: Path = Path("nowhere"), **changes: Any
) -> Flask:
    """The shop on this database and clock; `changes` are settings."""
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
        **changes,
    }
    settings = Settings(**values)
    app = create_app(settings)
    tokens = Tokens(settings.signing_keys)
    furnish(app, House(settings, db, clock, tokens, gateway or open_gateway("sk_test_nobody", NOBODY)))
    return app
