"""Starts one child so that it can never outlive its parent, and stops it with everything it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.serve.plan import Child

PR_SET_PDEATHSIG = 1

# Loaded before any fork: looking a library up between fork and exec may dead-lock.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def start(child: Child, cwd: Path) -> subprocess.Popen[bytes]:
    """Run the child in a session of its own (the terminal's Ctrl-C reaches the parent alone); raises OSError."""
    return subprocess.Popen(  # noqa: S603 - the plan is ours, no shell is involved
        child.argv,
        cwd=cwd,
        env=dict(child.env),
        stdin=subprocess.DEVNULL,
        pass_fds=child.fds,
        start_new_session=True,
        preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
    )


def ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    """Send SIGTERM to the child itself, which stops its own children in its own way."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the child's process group."""
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


def _die_with_parent(parent: int) -> Callable[[], None]:
    def in_the_child() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died between fork and prctl
                os._exit(1)

    return in_the_child
