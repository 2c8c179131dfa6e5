"""The geometry of an edition strip: every copy of a run as one tick, in groups that wrap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.inventory.numbers import padded

PITCH = 10
STATES = {"a": "free", "h": "held", "s": "sold", "w": "withdrawn"}


@dataclass(frozen=True)
class Grain:
    """How finely a strip is drawn: copies to a group, height of a tick, strokes of hatching."""

    name: str
    group: int
    height: int
    hatch: int


@dataclass(frozen=True)
class Callout:
    """A run of neighbouring copies that are somebody's: where its hairline starts, and its numbers."""

    at: int
    text: str


@dataclass(frozen=True)
class Group:
    """Ticks drawn together in a box of `width` by `height` units; each state is one path."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]
    callouts: tuple[Callout, ...]


@dataclass(frozen=True)
class Strip:
    """A whole strip: its grain (`few`, `many`, `crowd`), its groups, and its counts by state."""

    grain: str
    groups: tuple[Group, ...]
    free: int
    held: int
    sold: int
    withdrawn: int
    made: int
    last: int


def grain_of(made: int) -> Grain:
    """Up to 60 copies stand in one line; to a thousand in rows of a hundred; beyond that, of two hundred."""
    if made <= 60:
        return Grain("few", 5, 28, 4)
    if made <= 1000:
        return Grain("many", 10, 28, 4)
    return Grain("crowd", 20, 14, 2)


def strip(copies: str, yours: Iterable[int] = (), first: int = 1) -> Strip:
    """Lay out `copies` (one letter a h s w per copy, from number `first`); ValueError on another letter."""
    unknown = set(copies) - STATES.keys()
    if unknown:
        raise ValueError(f"unknown copy states {sorted(unknown)}")
    return _laid_out(copies, tuple(sorted(set(yours))), first)


@lru_cache(maxsize=256)
def _laid_out(copies: str, yours: tuple[int, ...], first: int) -> Strip:
    grain = grain_of(len(copies))
    callouts = called_out(yours, first, len(copies))
    groups = tuple(
        _group(copies[start : start + grain.group], start, grain, yours, first, callouts)
        for start in range(0, len(copies), grain.group)
    )
    return Strip(
        grain=grain.name,
        groups=groups,
        free=copies.count("a"),
        held=copies.count("h"),
        sold=copies.count("s"),
        withdrawn=copies.count("w"),
        made=len(copies),
        last=first + len(copies) - 1,
    )


def called_out(yours: Sequence[int], first: int, made: int) -> list[Callout]:
    """Neighbouring numbers share a hairline: 16, 17, 18 become `016–018`; `at` is the index of the first."""
    last = first + made - 1
    found: list[list[int]] = []
    for number in yours:
        if not first <= number < first + made:
            continue
        if found and found[-1][-1] == number - 1:
            found[-1].append(number)
        else:
            found.append([number])
    return [
        Callout(run[0] - first, "–".join(padded(n, last) for n in (run[:1] if len(run) == 1 else (run[0], run[-1]))))
        for run in found
    ]


def _group(letters: str, start: int, grain: Grain, yours: Sequence[int], first: int, callouts: list[Callout]) -> Group:
    begin, end = start + first, start + first + len(letters)
    return Group(
        width=grain.group * PITCH,
        height=grain.height + 2,
        paths=_paths(letters, tuple(number - begin for number in yours if begin <= number < end), grain),
        callouts=tuple(Callout(c.at - start, c.text) for c in callouts if start <= c.at < start + len(letters)),
    )


@lru_cache(maxsize=4096)  # most groups of a run look like another one: all free, all sold
def _paths(letters: str, mine: tuple[int, ...], grain: Grain) -> tuple[tuple[str, str], ...]:
    """One path for each kind of tick; `mine` are places within the group."""
    drawn: dict[str, list[str]] = {}
    for at, letter in enumerate(letters):
        kind = f"{STATES[letter]} yours" if at in mine else STATES[letter]
        drawn.setdefault(kind, []).append(tick(letter, at, grain))
    return tuple((kind, "".join(parts)) for kind, parts in drawn.items())


def tick(letter: str, at: int, grain: Grain) -> str:
    """Path data of the tick at this place: a box, a hatched box, or the foot a gap leaves."""
    left, foot = at * PITCH + 1.5, grain.height + 1
    if letter == "w":
        return f"M{left:g} {foot}h7"
    box = f"M{left:g} 1h7v{grain.height}h-7z"
    if letter != "h":
        return box
    step = grain.height // grain.hatch
    strokes = f"m-7 {step + 6}l7-6"
    return f"{box}M{left:g} {step}l7-6" + strokes * (grain.hatch - 1)
