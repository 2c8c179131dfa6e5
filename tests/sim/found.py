"""Stories that once broke something, shrunk and kept: each must be told to its end for ever after."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.sim.steps import Step

FILE = Path(__file__).with_name("seeds.jsonl")


@dataclass(frozen=True)
class Found:
    """A shop by its seed, the steps that broke something in it, and what that was."""

    seed: int
    broke: str
    steps: tuple[Step, ...]


def kept(file: Path = FILE) -> list[Found]:
    """All of them, oldest first."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [
        Found(line["seed"], line["broke"], tuple(Step.from_json(step) for step in line["steps"])) for line in map(json.loads, lines)
    ]


def keep(found: Found, file: Path = FILE) -> None:
    """Add one."""
    line = {"seed": found.seed, "broke": found.broke, "steps": [step.as_json() for step in found.steps]}
    with file.open("a") as end:
        end.write(json.dumps(line) + "\n")
