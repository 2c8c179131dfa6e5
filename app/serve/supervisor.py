"""The parent process: keeps its wards alive, renews them when told to, and stops them all together."""

import select
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.serve.plan import GRACEFUL_SECONDS, Child
from app.serve.signals import Wishes
from app.serve.ward import Ward

GRACE_SECONDS = GRACEFUL_SECONDS + 3.0
PATIENCE = 1.0  # seconds between looks at the clock; signals, deaths and words wake it at once


def to_stderr(line: str) -> None:
    """Say one line to the person at the terminal."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


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
        self._wards = [Ward(child, cwd, say=say, grace=grace) for child in children]
        self._say = say
        self._grace = grace
        self._coming: tuple[Child, ...] = ()

    def run(self, *, when_up: Callable[[], None] = lambda: None, afresh: Callable[[], tuple[Child, ...]] | None = None) -> int:
        """Keep the children alive until SIGINT or SIGTERM; `when_up` is called once all that say so are up.

        With `afresh`, SIGHUP renews them: it gives the same children as they are to be now, or raises ValueError.
        """
        told = False
        with Wishes().listening(reloading=afresh is not None) as wishes:
            try:
                while not wishes.stops and not self._gave_up:
                    for ward in self._wards:
                        ward.tend(time.monotonic())
                    if afresh is not None:
                        self._renew(wishes, afresh)
                    if not told and all(ward.up for ward in self._wards):
                        told = True
                        when_up()
                    self._wait(wishes)
            finally:
                self._stop_all(wishes)
        return 1 if self._gave_up else 0

    @property
    def _gave_up(self) -> bool:
        return any(ward.gave_up for ward in self._wards)

    def _renew(self, wishes: Wishes, afresh: Callable[[], tuple[Child, ...]]) -> None:
        """First who says that it is up; the others follow when that has gone well, so old and new are never mixed for long."""
        pairs = list(zip(self._wards, self._coming, strict=False))
        if pairs and not any(ward.heir for ward in self._wards):
            if all(ward.child is child for ward, child in pairs if child.heralds):
                for ward, child in pairs:
                    if not child.heralds:
                        ward.replace(child)
            self._coming = ()
        elif not pairs and wishes.reloads:
            wishes.reloads = 0
            try:
                self._coming = afresh()
            except ValueError as fault:
                self._say(f"not reloaded, the old ones go on: {fault}")
                return
            for ward, child in zip(self._wards, self._coming, strict=True):
                if child.heralds:
                    ward.expect(child)

    def _wait(self, wishes: Wishes) -> None:
        now = time.monotonic()
        telling = [(each, each.ears) for ward in self._wards for each in ward.running if each.ears]
        patience = min(PATIENCE, *(ward.patience(now) for ward in self._wards))
        readable, _, _ = select.select([wishes.wake.fileno(), *(ears.fileno() for _, ears in telling)], [], [], patience)
        wishes.drain()
        for each, ears in telling:
            if ears.fileno() in readable:
                each.hear()

    def _stop_all(self, wishes: Wishes) -> None:
        running = [each for ward in self._wards for each in ward.running]
        for each in running:
            each.ask_to_stop()
        deadline, asked = time.monotonic() + self._grace, wishes.stops
        while any(each.process.poll() is None for each in running):
            left = deadline - time.monotonic()
            if left <= 0 or wishes.stops > asked:  # a second Ctrl-C: now
                break
            select.select([wishes.wake], [], [], min(left, 0.2))
            wishes.drain()
        for each in running:
            each.end()
