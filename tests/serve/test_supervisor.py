"""The supervisor restarts what dies, stops what it started and leaves no orphan, with three real children."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each child writes its process id into a file of its name and waits; `deaf` does not hear SIGTERM.
PROGRAM = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from app.serve import Child, Supervisor

    folder = Path(sys.argv[1])
    body = (
        "import os, signal, sys, time;"
        "[signal.signal(signal.SIGTERM, signal.SIG_IGN)] if sys.argv[2] == 'deaf' else None;"
        "open(os.path.join(sys.argv[1], sys.argv[2]), 'a').write(f'{os.getpid()}\\\\n');"
        "time.sleep(600)"
    )
    names = sys.argv[2:]
    children = tuple(Child(n, (sys.executable, "-c", body, str(folder), n)) for n in names)
    sys.exit(Supervisor(children, folder, grace=0.5).run())
    """
)


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def _lives(folder: Path, name: str) -> list[int]:
    file = folder / name
    return [int(line) for line in file.read_text().split()] if file.exists() else []


class Run:
    """A supervisor in a process of its own with children called by these names."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder, self.names = folder, names
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), *names], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for name in names:
            self.lives(name, 1)

    def lives(self, name: str, count: int) -> list[int]:
        """The process ids this child has had, once there are `count` of them."""
        _until(lambda: len(_lives(self.folder, name)) >= count)
        return _lives(self.folder, name)

    def all_gone(self) -> bool:
        return not any(_running(pid) for name in self.names for pid in _lives(self.folder, name))

    def close(self) -> None:
        for pid in [self.process.pid, *(pid for name in self.names for pid in _lives(self.folder, name))]:
            if _running(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*names: str) -> Run:
        runs.append(Run(tmp_path, *names))
        return runs[-1]

    yield start
    for one in runs:
        one.close()


def test_a_dead_child_is_started_again_and_the_others_stay(run: Callable[..., Run]) -> None:
    running = run("shop", "worker", "sandbox")
    first = running.lives("worker", 1)[0]
    os.kill(first, signal.SIGKILL)
    second = running.lives("worker", 2)[1]
    assert second != first
    assert len(_lives(running.folder, "shop")) == len(_lives(running.folder, "sandbox")) == 1
    running.process.send_signal(signal.SIGTERM)
    _, said = running.process.communicate(timeout=10)
    assert said == "worker stopped (killed by SIGKILL); starting it again in 0.5 s\n"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_all_children_and_succeeds(run: Callable[..., Run], stop: signal.Signals) -> None:
    running = run("shop", "worker", "sandbox")
    running.process.send_signal(stop)
    assert running.process.wait(10) == 0
    assert running.all_gone()


def test_a_child_that_does_not_hear_is_killed_after_the_grace(run: Callable[..., Run]) -> None:
    running = run("shop", "deaf")
    began = time.monotonic()
    running.process.terminate()
    assert running.process.wait(10) == 0
    assert running.all_gone()
    assert time.monotonic() - began >= 0.5


def test_no_orphan_survives_a_killed_supervisor(run: Callable[..., Run]) -> None:
    running = run("shop", "worker", "deaf")
    running.process.kill()
    running.process.wait(10)
    _until(running.all_gone)


def test_it_gives_up_on_a_child_that_never_lives(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.serve import Child, Supervisor;"
        "sys.exit(Supervisor((Child('shop', (sys.executable, '-c', 'raise SystemExit(3)')),), Path('.')).run())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "shop stopped (exit 3); starting it again in 0.5 s",
        "shop stopped (exit 3); starting it again in 1 s",
        "shop stopped (exit 3); starting it again in 2 s",
        "shop stopped 4 times in a row (exit 3), giving up",
    ]
