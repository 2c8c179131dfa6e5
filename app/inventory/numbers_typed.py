"""Numbers as people type them: `12, 40-43`."""

import re
from collections.abc import Iterable

_PART = re.compile(r"([0-9]{1,6})(?:\s*[-–—]\s*([0-9]{1,6}))?")
MOST = 10_000


def read(typed: str) -> tuple[int, ...]:
    """The numbers, each once, lowest first; ValueError with the part that cannot be read."""
    found: set[int] = set()
    for part in filter(None, (each.strip() for each in re.split(r"[,;\n]", typed))):
        match = _PART.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first or last - first >= MOST:
            raise ValueError(part)
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def write(numbers: Iterable[int]) -> str:
    """The same the other way round: `12, 40–43`."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)
