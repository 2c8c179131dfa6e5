"""What every process of the shop works with: settings, database, clock, tokens and the way to Stripe, in one typed place."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from app.checkout.breaker import Breaker
from app.kernel import db
from app.kernel.clock import Clock
from app.kernel.db import Database
from app.kernel.mail import Mailer
from app.kernel.tokens import Tokens
from app.payments.gateway import Gateway, open_gateway
from app.settings import Settings


@dataclass(frozen=True)
class House:
    """Made once per process."""

    settings: Settings
    db: Database
    clock: Clock
    tokens: Tokens
    gateway: Gateway

    @property
    def shop(self) -> str:
        """What marks our objects on a Stripe account that other shops may share."""
        return urlsplit(self.settings.base_url).netloc


def mailer_of(settings: Settings) -> Mailer:
    """Where mail goes out."""
    domain = urlsplit(settings.base_url).hostname or ""
    return Mailer(settings.smtp_url.get_secret_value(), settings.mail_from, domain)


def build(settings: Settings) -> House:
    """Open the database and the way to Stripe that the settings name."""
    database, clock = db.connect(settings.database_url, pool_size=settings.web_threads + 4), Clock(settings.clock_offset_file)
    gateway = open_gateway(
        settings.stripe_secret_key.get_secret_value(),
        settings.stripe_api_base,
        Breaker(database, clock),
        per_second=settings.stripe_per_second,
    )
    return House(settings, database, clock, Tokens(settings.signing_keys), gateway)
