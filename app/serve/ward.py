"""One child under supervision: started again when it dies, and replaced without a moment in which nobody serves."""

import time
from collections.abc import Callable
from pathlib import Path

from app.serve.plan import Child
from app.serve.processes import Running, describe_exit
from app.serve.restarts import Again, Record, after_death

COMING_UP = 60.0  # seconds an heir may take until it answers


class Ward:
    """The process that serves, the heir that is to take over once it answers, and those that may still finish."""

    def __init__(self, child: Child, cwd: Path, *, say: Callable[[str], None], grace: float) -> None:
        self.child = child
        self.process: Running | None = None
        self.heir: Running | None = None
        self.leaving: list[tuple[Running, float]] = []
        self.gave_up = False
        self._cwd, self._say, self._grace = cwd, say, grace
        self._due, self._record, self._next = 0.0, Record(), child

    @property
    def running(self) -> list[Running]:
        """Everything of it that runs."""
        found = [self.process, self.heir, *(old for old, _ in self.leaving)]
        return [each for each in found if each is not None]

    @property
    def up(self) -> bool:
        """Does it serve?"""
        return self.process is not None and self.process.up

    def tend(self, now: float) -> None:
        """Bury who is dead, let the heir take over, start who is due."""
        self._see_off(now)
        self._bury(now)
        self._look_at_heir(now)
        if self.process is None and self._due <= now and not self.gave_up:
            self.process = Running(self.child, self._cwd)

    def patience(self, now: float) -> float:
        """Seconds until there is something to do though nothing happens."""
        moments = [self._due] if self.process is None else []
        moments += [end for _, end in self.leaving] + ([self.heir.since + COMING_UP] if self.heir else [])
        return max(0.0, min(moments, default=now + COMING_UP) - now)

    def expect(self, child: Child) -> None:
        """Start an heir; `tend` lets it take over once it answers, or stays with the old one when it never does."""
        self._next, self.heir = child, Running(child, self._cwd)

    def replace(self, child: Child) -> None:
        """Let the present one finish, and start the next at once."""
        self.child, self._due = child, 0.0
        self._retire()

    def _retire(self) -> None:
        if self.process is not None:
            self.process.ask_to_stop()
            self.leaving.append((self.process, time.monotonic() + self._grace))
            self.process = None

    def _see_off(self, now: float) -> None:
        for old, end in list(self.leaving):
            if old.process.poll() is not None or end <= now:
                old.end()
                self.leaving.remove((old, end))

    def _bury(self, now: float) -> None:
        if self.process is None or self.process.process.poll() is None:
            return
        self.process.end()  # a dead master's own children must not keep the socket
        cause, lived, self.process = describe_exit(self.process.process.returncode), now - self.process.since, None
        step = after_death(self._record, lived)
        if isinstance(step, Again):
            self._record, self._due = step.record, now + step.delay
            self._say(f"{self.child.name} stopped ({cause}); starting it again in {step.delay:g} s")
        else:
            self.gave_up = True
            self._say(f"{self.child.name} stopped {step.tries} times in a row ({cause}), giving up")

    def _look_at_heir(self, now: float) -> None:
        heir = self.heir
        if heir is None:
            return
        if heir.up:
            self.replace(self._next)
            self.process, self.heir = heir, None
            self._say(f"the new {self.child.name} answers; the old one may finish")
        elif heir.process.poll() is not None or now - heir.since > COMING_UP:
            code = heir.process.poll()
            cause = "is not up yet" if code is None else f"stopped ({describe_exit(code)}) before it answered"
            heir.end()
            self.heir = None
            self._say(f"the new {self.child.name} {cause}; the old one goes on")
