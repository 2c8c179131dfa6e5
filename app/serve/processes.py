"""Starts one child so that it can never outlive its parent, hears when it answers, and stops it with everything it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.serve.ears import Ears
from app.serve.plan import READY_FD, Child

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
M_ARENA_MAX, ARENAS = -8, 2

# Loaded before any fork: looking a library up between fork and exec may dead-lock.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Running:
    """A child that was started. `ears` hears when it answers; None once it has, or for one that says nothing at all."""

    def __init__(self, child: Child, cwd: Path) -> None:
        """Run the child in a session of its own (the terminal's Ctrl-C reaches the parent alone); raises OSError."""
        self.since = time.monotonic()
        self.ears = Ears() if child.heralds else None
        mouth = [self.ears.mouth] if self.ears else []
        told = {READY_FD: str(mouth[0])} if mouth else {}
        self.process = subprocess.Popen(  # noqa: S603 - the plan is ours, no shell is involved
            child.argv,
            cwd=cwd,
            env={**child.env, **told},
            stdin=subprocess.DEVNULL,
            pass_fds=(*child.fds, *mouth),
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
        )
        if self.ears:
            self.ears.leave_mouth()
        self.up = not child.heralds

    def hear(self) -> None:
        """Listen to what it says; it is up once all its processes have spoken."""
        if self.ears and self.ears.heard_all():
            self.up = self.ears.all_answer
            self.deafen()

    def deafen(self) -> None:
        """Listen no longer."""
        if self.ears:
            self.ears.close()
            self.ears = None

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the child itself, which stops its own children in its own way."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def end(self) -> None:
        """Kill whatever is left of the child's process group."""
        end_group(self.process)
        self.process.wait()
        self.deafen()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a child's process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def describe_exit(code: int) -> str:
    """'exit 3' or 'killed by SIGKILL', from a Popen return code."""
    if code >= 0:
        return f"exit {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def die_with_parent(parent: int) -> Callable[[], None]:
    """What a child does between fork and exec so that SIGKILL takes it along when its parent is gone; Linux only."""

    def in_the_child() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died between fork and prctl
                os._exit(1)

    return in_the_child


def be_called(name: str) -> None:
    """Let `ps` and `top` show this process by a name; Linux only."""
    if _libc is not None:
        _libc.prctl(PR_SET_NAME, name.encode())


def share_arenas() -> None:
    """Let the threads of this process and its forks share few arenas of memory.

    glibc would give nearly each thread one of its own, and none gives back what it had at its busiest.
    """
    if hasattr(_libc, "mallopt"):  # not every libc has it
        _libc.mallopt(M_ARENA_MAX, ARENAS)  # type: ignore[union-attr]  # one that has it is there
