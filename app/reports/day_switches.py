"""The switches of drop day: pause and resume, stop and reopen; which of them there are now, and what fans are told."""

from dataclasses import dataclass
from datetime import datetime

from app.drops import stopping
from app.drops.doors import Door
from app.drops.models import Drop
from app.drops.pausing import GOING
from app.drops.stages import Stage, stage


@dataclass(frozen=True)
class Switches:
    """A drop that is `going` can be paused or resumed, a `running` one stopped, a `stopped` one perhaps reopened."""

    going: bool
    running: bool
    paused: bool
    pause_reason: str
    stopped: bool
    stop_reason: str
    again_reason: str
    may_reopen: bool

    @property
    def mark(self) -> str:
        """What they show, in a word for an address: whoever has seen the same need not be shown them anew."""
        return "".join(letter for letter, on in zip("grpo", self._shown, strict=True) if on) or "none"

    @property
    def _shown(self) -> tuple[bool, ...]:
        return self.going, self.running, self.paused, self.may_reopen


def switches(drop: Drop, now: datetime) -> Switches:
    """How the switches of a drop stand."""
    at = stage(Door.of(drop), now)
    return Switches(
        going=at in GOING,
        running=at is Stage.RUNNING,
        paused=drop.paused_at is not None,
        pause_reason=drop.pause_reason,
        stopped=drop.closed_at is not None,
        stop_reason=Door.of(drop).stop_reason,
        again_reason=Door.of(drop).again_reason,
        may_reopen=stopping.may_reopen(drop, now),
    )
