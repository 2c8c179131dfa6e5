"""A child is up when all its processes have said so, and one that dies without a word never is."""

import select
import sys
from pathlib import Path

from app.serve import Child
from app.serve.processes import Running

TWO = """
import os, time
for _ in range(2):
    os.write(int(os.environ["RUNOUT_READY_FD"]), b"2\\n")
    time.sleep(0.5)
time.sleep(60)
"""


def heard(running: Running) -> None:
    """Wait for the next word, and hear it."""
    assert running.ears is not None
    assert select.select([running.ears], [], [], 10)[0]
    running.hear()


def test_it_is_up_when_all_its_processes_have_spoken(tmp_path: Path) -> None:
    running = Running(Child("shop", (sys.executable, "-c", TWO), heralds=True), tmp_path)
    heard(running)
    assert not running.up
    heard(running)
    assert running.up
    assert running.ears is None
    running.end()


def test_one_that_dies_without_a_word_is_not_up(tmp_path: Path) -> None:
    running = Running(Child("shop", (sys.executable, "-c", ""), heralds=True), tmp_path)
    heard(running)
    assert (running.up, running.ears) == (False, None)
    running.end()


def test_one_that_says_nothing_is_up_at_once(tmp_path: Path) -> None:
    running = Running(Child("worker", (sys.executable, "-c", "")), tmp_path)
    assert (running.up, running.ears) == (True, None)
    running.end()
