"""What an invariant is: a query for rows that must not be there."""

from dataclasses import dataclass
from datetime import timedelta

# Instants that a query may bind beside :now and :since, as ages.
AGO = {
    "five_minutes_ago": timedelta(minutes=5),
    "quarter_ago": timedelta(minutes=15),
    "half_hour_ago": timedelta(minutes=30),
    "two_hours_ago": timedelta(hours=2),
}


@dataclass(frozen=True)
class Invariant:
    """`sql` selects offenders, first their id; it means the same on both databases and does no arithmetic with dates."""

    id: str
    why: str
    sql: str

    @property
    def group(self) -> str:
        """The first word of the id: stock, money, orders and so on; the list in docs/architecture.md goes by it."""
        return self.id.partition(".")[0]
