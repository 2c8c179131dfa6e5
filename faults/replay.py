"""Power cuts: builds what may be on the disk when the current goes off at any moment of a recorded story.

Everything before a file's last sync is there; of what was written since, any part may be, torn at 512 bytes. (What a folder holds
is taken to be durable at once, so this says nothing about journals that work by being deleted.)
"""

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SECTOR = 512
WRITE, TRUNCATE, SYNC = 1, 2, 3
_RECORD = struct.Struct("=IIQI44s")
_MAGIC = 0x52554E4F


@dataclass(frozen=True)
class Step:
    """One thing that was done to one file."""

    op: int
    name: str
    offset: int
    data: bytes


@dataclass
class Disk:
    """What is certainly there, per file, and what may be."""

    durable: dict[str, bytearray] = field(default_factory=lambda: defaultdict(bytearray))
    pending: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))

    def do(self, step: Step) -> None:
        """Take one more step of the story."""
        if step.op == SYNC:
            for each in self.pending.pop(step.name, []):
                apply(self.durable[step.name], each)
        else:
            self.pending[step.name].append(step)

    def cut(self, random: Random) -> dict[str, bytes]:
        """The current goes off now: the files as they may be found, by name."""
        found = {name: bytearray(content) for name, content in self.durable.items()}
        for name, steps in self.pending.items():
            content = found.setdefault(name, bytearray())
            share = random.choice((0.0, 0.2, 0.5, 0.9, 1.0))
            for step in steps:
                for part in _torn(step):
                    if random.random() < share:
                        apply(content, part)
        return {name: bytes(content) for name, content in found.items()}


def apply(content: bytearray, step: Step) -> None:
    """Do a write or a truncation to a file's content."""
    if step.op == TRUNCATE:
        _reach(content, step.offset)
        del content[step.offset :]
    else:
        _reach(content, step.offset)
        content[step.offset : step.offset + len(step.data)] = step.data


def read_log(log: Path) -> list[Step]:
    """The steps that the shim has written down."""
    raw, at, steps = log.read_bytes(), 0, []
    while at + _RECORD.size <= len(raw):
        magic, op, offset, length, name = _RECORD.unpack_from(raw, at)
        assert magic == _MAGIC, f"the log is damaged at {at}"  # noqa: S101 - our own file
        at += _RECORD.size
        size = length if op == WRITE else 0
        steps.append(Step(op, name.rstrip(b"\0").decode(), offset, raw[at : at + size]))
        at += size
    return steps


def _torn(step: Step) -> Iterator[Step]:
    """A write falls into sectors, each of which arrives or does not."""
    if step.op != WRITE:
        yield step
        return
    begin = 0
    while begin < len(step.data):
        end = min(len(step.data), begin + SECTOR - (step.offset + begin) % SECTOR)
        yield Step(WRITE, step.name, step.offset + begin, step.data[begin:end])
        begin = end


def _reach(content: bytearray, length: int) -> None:
    content.extend(bytes(max(0, length - len(content))))
