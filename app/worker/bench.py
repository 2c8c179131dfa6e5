"""What a worker works with."""

from dataclasses import dataclass

from app.checkout.house import House
from app.kernel.mail import Mailer


@dataclass(frozen=True)
class Bench:
    """The house, and where mail goes out."""

    house: House
    mailer: Mailer


def bench_of(house: House) -> Bench:
    """The bench that a house's settings name."""
    settings = house.settings
    domain = settings.base_url.split("://", 1)[1].split("/")[0].split(":")[0]
    return Bench(house, Mailer(settings.smtp_url.get_secret_value(), settings.mail_from, domain))
