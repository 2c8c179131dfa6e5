"""What is remembered of a drop that was found sold out."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.shop import gone
from app.shop.gone import Memory, Words

SAID: Words = ("409 CONFLICT", [], b"gone")


def test_others_who_find_it_in_the_same_moment_wait_for_the_words_of_the_first() -> None:
    memory, asked, may = Memory(), threading.Event(), threading.Event()
    calls = []

    def words() -> Words:
        calls.append(1)
        asked.set()
        assert may.wait(5)
        return SAID

    with ThreadPoolExecutor(8) as fans:
        first = fans.submit(memory.found, "q", 1, 0.0, words)
        assert asked.wait(5)
        others = [fans.submit(memory.found, "q", 1, 0.0, words) for _ in range(7)]
        may.set()
        told = [each.result() for each in (first, *others)]
    assert [each and each.words for each in told] == [SAID] * 8
    assert len(calls) == 1


def test_when_its_time_is_over_one_asks_and_the_others_are_told_the_same_a_little_longer() -> None:
    memory = Memory()
    memory.found("q", 1, 0.0, lambda: SAID)
    late = gone.SECONDS + 0.01
    assert memory.look("q", gone.SECONDS - 0.01)
    assert memory.look("q", late) is None
    assert memory.look("q", late)
    assert memory.look("q", gone.SECONDS + gone.LATE + 0.01) is None


def test_who_is_given_a_copy_has_it_forgotten() -> None:
    memory = Memory()
    memory.found("q", 1, 0.0, lambda: SAID)
    memory.forget("q")
    assert memory.look("q", 0.0) is None


def test_where_there_are_no_words_nothing_is_remembered() -> None:
    memory = Memory()
    assert memory.found("q", 1, 0.0, lambda: None) is None
    assert memory.look("q", 0.0) is None


def test_questions_without_end_do_not_fill_it() -> None:
    memory = Memory()
    for n in range(1000):
        memory.found(n, 1, 0.0, lambda: SAID)
    assert sum(memory.look(n, 0.0) is not None for n in range(1000)) <= 200
