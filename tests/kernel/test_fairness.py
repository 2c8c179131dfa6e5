"""The fair lock: one at a time, in the sequence they came, and free again after a fault."""

import threading
import time

import pytest

from app.kernel.fairness import FairLock


def test_waiters_are_served_as_they_came() -> None:
    lock, served = FairLock(), []

    def wait(n: int) -> None:
        with lock:
            served.append(n)

    threads = []
    with lock:
        for n in range(20):
            thread = threading.Thread(target=wait, args=(n,))
            thread.start()
            threads.append(thread)
            while len(lock._waiting) <= n:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def test_only_one_is_inside() -> None:
    lock, inside, most = FairLock(), 0, 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(100):
            with lock:
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 1)


def test_a_fault_inside_lets_the_next_one_in() -> None:
    lock = FairLock()
    with pytest.raises(RuntimeError), lock:
        raise RuntimeError
    with lock:
        assert lock._taken
    assert not lock._taken
