"""What a worker works with."""

from dataclasses import dataclass

from app.checkout.house import House, mailer_of
from app.kernel.mail import Mailer


@dataclass(frozen=True)
class Bench:
    """The house, and where mail goes out."""

    house: House
    mailer: Mailer


def bench_of(house: House) -> Bench:
    """The bench that a house's settings name."""
    return Bench(house, mailer_of(house.settings))
