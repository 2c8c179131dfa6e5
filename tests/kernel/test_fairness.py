"""The fair lock: one at a time, in the sequence they came, and free again after a fault."""

import threading
import time

import pytest

from app.kernel.fairness import FairLock, Stuck


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


def _enter(lock: FairLock, told: list[str], name: str) -> threading.Thread:
    def enter() -> None:
        try:
            with lock:
                told.append(f"{name} was inside")
        except Stuck:
            told.append(f"{name} was sent away")

    thread = threading.Thread(target=enter)
    thread.start()
    return thread


def test_nobody_waits_behind_somebody_who_is_stuck() -> None:
    lock, told = FairLock(patience=0.05), list[str]()
    with lock:
        waiter = _enter(lock, told, "the waiter")
        waiter.join(10)
        newcomer = _enter(lock, told, "the newcomer")
        newcomer.join(10)
        assert told == ["the waiter was sent away", "the newcomer was sent away"]
    with lock:  # those who went away left nothing behind
        pass
    assert not lock._waiting


def test_waiting_long_behind_many_short_stays_is_fine() -> None:
    lock, told = FairLock(patience=0.2), list[str]()
    with lock:
        threads = [_stay(lock, told, 0.05) for _ in range(8)]
        time.sleep(0.05)
    for thread in threads:
        thread.join(10)
    assert told == ["stayed"] * 8


def _stay(lock: FairLock, told: list[str], seconds: float) -> threading.Thread:
    def stay() -> None:
        with lock:
            time.sleep(seconds)
            told.append("stayed")

    thread = threading.Thread(target=stay)
    thread.start()
    return thread
