"""Decides what to do when a child has died: start it again after a while, or give up. Pure."""

from dataclasses import dataclass

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
HEALTHY_SECONDS = 10.0  # a life this long proves that the program can run here
TRIES_WITHOUT_A_LIFE = 4


@dataclass(frozen=True)
class Record:
    """What is known of a child's past: short lives in a row, and whether it ever lived long enough to count."""

    short_lives: int = 0
    ever_healthy: bool = False


@dataclass(frozen=True)
class Again:
    """Start the child again after `delay` seconds."""

    delay: float
    record: Record


@dataclass(frozen=True)
class GiveUp:
    """It never ran for long: the fault is in the configuration, and repeating would only hide it."""

    tries: int


def after_death(record: Record, lived: float) -> Again | GiveUp:
    """The next step for a child with this record that has just died after `lived` seconds."""
    if lived >= HEALTHY_SECONDS:
        return Again(FIRST_DELAY, Record(0, ever_healthy=True))
    short = record.short_lives + 1
    if not record.ever_healthy and short >= TRIES_WITHOUT_A_LIFE:
        return GiveUp(short)
    delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(short - 1, 10))
    return Again(delay, Record(short, record.ever_healthy))
