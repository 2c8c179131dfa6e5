"""The watchman: one look for all idle hands, and no more of them woken than there is work for."""

import threading

from app.kernel import outbox
from app.kernel.db import Database, transaction
from app.worker.hands import Hand, Outcome
from app.worker.watchman import Watchman
from tests.cast import NOW, StoppedClock


def _idle(db: Database, clock: StoppedClock, *up_to: int) -> list[Hand]:
    hands = [Hand(db, clock, str(n), lambda _: Outcome(), least) for n, least in enumerate(up_to)]
    for hand in hands:
        hand.rests = True
    return hands


def _add(db: Database, *priorities: int) -> None:
    with transaction(db) as session:
        for priority in priorities:
            outbox.enqueue(session, "deed", f"{priority}", {}, now=NOW, priority=priority)


def test_nobody_is_woken_for_nothing(db: Database, clock: StoppedClock) -> None:
    hands = _idle(db, clock, 2, 5, 9)
    assert Watchman(db, clock, hands, threading.Event()).look() == 0
    assert not any(hand.woken.is_set() for hand in hands)


def test_as_many_as_there_is_work_for_and_the_choosiest_first(db: Database, clock: StoppedClock) -> None:
    _add(db, 1, 6)
    hands = _idle(db, clock, 2, 5, 5, 9, 9)
    assert Watchman(db, clock, hands, threading.Event()).look() == 2
    assert [hand.woken.is_set() for hand in hands] == [True, False, False, True, False]


def test_who_is_busy_is_left_alone_and_so_is_what_makes_no_sense_now(db: Database, clock: StoppedClock) -> None:
    _add(db, 1)
    busy, idle = _idle(db, clock, 2, 9)
    busy.rests = False
    assert Watchman(db, clock, [busy], threading.Event()).look() == 0
    assert Watchman(db, clock, [busy, idle], threading.Event(), outbox.of_kinds(["deed"])).look() == 0
    assert Watchman(db, clock, [busy, idle], threading.Event()).look() == 1
    assert (busy.woken.is_set(), idle.woken.is_set()) == (False, True)


def test_everybody_is_woken_at_the_end(db: Database, clock: StoppedClock) -> None:
    hands = _idle(db, clock, 2, 9)
    stopping = threading.Event()
    stopping.set()
    Watchman(db, clock, hands, stopping).run()
    assert all(hand.woken.is_set() for hand in hands)
