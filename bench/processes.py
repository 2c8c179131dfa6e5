"""What processes need, read from /proc: CPU seconds and memory of a program with everything below it."""

import os
from collections.abc import Iterable
from pathlib import Path

from faults.rig import children

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and everything below it; those of a process with several threads as well."""
    found, look = [], [pid]
    while look:
        each = look.pop()
        found.append(each)
        look += _below(each)
    return found


def _below(pid: int) -> list[int]:
    try:
        threads = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    if threads == [pid]:
        return children(pid)
    return [child for thread in threads for child in _of_thread(pid, thread)]


def _of_thread(pid: int, thread: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{thread}/children").read_text().split()]
    except OSError:
        return []


def cpu(pids: Iterable[int]) -> float:
    """The CPU seconds that these have needed so far, with those of their children that have ended."""
    return sum(map(_cpu, pids))


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS  # utime, stime, cutime, cstime


def memory(pids: Iterable[int]) -> float:
    """The memory of these in MB, what they share divided among all who share it (PSS)."""
    return sum(map(_memory, pids)) / 1024


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
