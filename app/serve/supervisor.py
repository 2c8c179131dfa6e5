"""The parent process: starts the children, starts dead ones again, and stops them all together."""

import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.serve.knock import PAUSE, Knock
from app.serve.plan import GRACEFUL_SECONDS, Child
from app.serve.processes import ask_to_stop, describe_exit, end_group, start
from app.serve.restarts import Again, Record, after_death
from app.serve.signals import Wishes

GRACE_SECONDS = GRACEFUL_SECONDS + 3.0
PATIENCE = 1.0  # seconds between looks at the clock; signals and deaths wake it at once


def to_stderr(line: str) -> None:
    """Say one line to the person at the terminal."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@dataclass
class _Ward:
    """A child under supervision: its running process, or the moment at which to start it again."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    record: Record = field(default_factory=Record)


class Supervisor:
    """Runs a plan until it is asked to stop; `run` returns the exit code: 0 when stopped, 1 when it gave up."""

    def __init__(
        self,
        children: tuple[Child, ...],
        cwd: Path,
        *,
        say: Callable[[str], None] = to_stderr,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._wards = [_Ward(child) for child in children]
        self._cwd = cwd
        self._say = say
        self._grace = grace
        self._gave_up = False

    def run(self, *, knock: Knock | None = None, when_up: Callable[[], None] = lambda: None) -> int:
        """Keep the children alive until SIGINT or SIGTERM; `when_up` is called once the knock is answered."""
        with Wishes().listening() as wishes:
            try:
                while not wishes.stops and not self._gave_up:
                    self._bury()
                    self._start_due()
                    if self._wait(wishes, knock):
                        knock = None
                        when_up()
            finally:
                self._stop_all(wishes)
        return 1 if self._gave_up else 0

    def _start_due(self) -> None:
        now = time.monotonic()
        for ward in self._wards:
            if ward.process is None and ward.due <= now and not self._gave_up:
                ward.process, ward.started = start(ward.child, self._cwd), now

    def _bury(self) -> None:
        for ward in self._wards:
            if ward.process is None or ward.process.poll() is None:
                continue
            end_group(ward.process)  # a dead master's own children must not keep the socket
            now = time.monotonic()
            cause, ward.process = describe_exit(ward.process.returncode), None
            step = after_death(ward.record, now - ward.started)
            if isinstance(step, Again):
                ward.record, ward.due = step.record, now + step.delay
                self._say(f"{ward.child.name} stopped ({cause}); starting it again in {step.delay:g} s")
            else:
                self._gave_up = True
                self._say(f"{ward.child.name} stopped {step.tries} times in a row ({cause}), giving up")

    def _wait(self, wishes: Wishes, knock: Knock | None) -> bool:
        waits = [ward.due - time.monotonic() for ward in self._wards if ward.process is None]
        doors = knock.door() if knock else []
        patience = max(0.0, min([PAUSE if knock and not doors else PATIENCE, *waits]))
        readable, _, _ = select.select([wishes.wake, *doors], [], [], patience)
        wishes.drain()
        return knock is not None and bool(doors) and doors[0] in readable and knock.answered()

    def _stop_all(self, wishes: Wishes) -> None:
        running = [ward.process for ward in self._wards if ward.process is not None]
        for process in running:
            ask_to_stop(process)
        deadline, asked = time.monotonic() + self._grace, wishes.stops
        while any(process.poll() is None for process in running):
            left = deadline - time.monotonic()
            if left <= 0 or wishes.stops > asked:  # a second Ctrl-C: now
                break
            select.select([wishes.wake], [], [], min(left, 0.2))
            wishes.drain()
        for process in running:
            end_group(process)
            process.wait()
