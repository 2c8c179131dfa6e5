"""What a worker works with."""

from dataclasses import dataclass

from app.kernel.mail import Mailer
from app.web.house import House


@dataclass(frozen=True)
class Bench:
    """The house, and where mail goes out."""

    house: House
    mailer: Mailer
