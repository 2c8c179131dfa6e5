"""Was anything sold twice, or said to be gone while it was not? Judged from what clients were told."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple


class Told(NamedTuple):
    """A fan was told, at a moment, that a number is theirs until another; seconds of the shop's clock."""

    number: int
    at: float
    until: float
    fan: str


class Refused(NamedTuple):
    """A fan asked at one moment and was told at another that nothing is left."""

    sent: float
    done: float


class Move(NamedTuple):
    """So many copies became free (or, below zero, were taken) at a moment."""

    at: float
    free: int


def oversold(told: Iterable[Told]) -> list[tuple[Told, Told]]:
    """Two different fans who were told the same number for the same time."""
    return [(a, b) for a, b in pairwise(sorted(told)) if a.number == b.number and a.fan != b.fan and b.at < a.until]


def false_sold_out(refused: Iterable[Refused], copies: int, moves: Sequence[Move]) -> list[Refused]:
    """Who was told so although a copy was free, and nobody had even begun to take it, all the while from asking to the answer.

    A move's moment is when its request came in. So what was on its way into somebody's hands does not count as free.
    """
    ordered = sorted(moves)
    times = [move.at for move in ordered]
    free = [copies, *(copies + sum_ for sum_ in accumulate(move.free for move in ordered))]
    return [each for each in refused if min(free[bisect_right(times, each.sent) : bisect_right(times, each.done) + 1]) > 0]


class Seen(NamedTuple):
    """So many copies were shown as free in an answer to a question that was sent at one moment and answered at another."""

    sent: float
    done: float
    free: int


def behind(one: Iterable[Seen], other: Iterable[Seen]) -> float:
    """While copies only become fewer: for how many seconds one place showed more to who asked after the other had shown less."""
    less = list(other)
    return max((max(0.0, late.sent - early.done) for late in one for early in less if early.free < late.free), default=0.0)
