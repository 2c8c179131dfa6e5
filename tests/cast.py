"""The cast: Ada and Ben buy, Sam is staff, Eve is a stranger; and the hour in which all stories begin."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.checkout.take import Fan
from app.kernel.clock import Clock
from app.kernel.tokens import Tokens

NOW = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
TOKENS = Tokens((b"the tests' own signing key, long enough",))
SHOP = "runout-tests"
SAM = "staff:1"


@dataclass(frozen=True)
class Person:
    """Somebody with a browser and an e-mail address."""

    name: str
    email: str
    fan: Fan


ADA = Person("Ada Lovelace", "ada@example.org", Fan("ada-cookie", "net-a"))
BEN = Person("Ben Okri", "ben@example.org", Fan("ben-cookie", "net-b"))
EVE = Person("Eve Stranger", "eve@example.org", Fan("eve-cookie", "net-e"))


def someone(name: str) -> Person:
    """One more buyer."""
    return Person(name.title(), f"{name}@example.org", Fan(f"{name}-cookie", f"net-{name}"))


class StoppedClock(Clock):
    """A clock that only the test moves."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        object.__setattr__(self, "at", at)

    def now(self) -> datetime:
        """Where the test has put the hands."""
        at: datetime = self.__dict__["at"]
        return at

    resolution = timedelta(milliseconds=1)

    def forward(self, **amount: float) -> datetime:
        """Move on by a timedelta's words; the new time."""
        object.__setattr__(self, "at", self.now() + timedelta(**amount))
        return self.now()

    def set(self, at: datetime) -> None:
        """Put the hands somewhere."""
        object.__setattr__(self, "at", at)
