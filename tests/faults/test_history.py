"""The history of what clients were told: a number that two were told at once is never overlooked."""

from datetime import datetime, timedelta

from faults.history import Bought, Deed, History, Outcome, Take
from tests.cast import NOW

LATER = NOW + timedelta(minutes=2)


def _take(fan: str, *numbers: int, at: datetime = NOW) -> Take:
    return Take(fan, tuple(("run-1", number) for number in numbers), at + timedelta(minutes=2), at)


def test_a_number_told_to_two_fans_is_seen() -> None:
    history = History()
    history.told(_take("ada", 1, 2))
    history.told(_take("ada", 1, 2))  # the same answer again
    assert history.twice == []
    history.told(_take("ben", 2))
    assert history.twice == [(("run-1", 2), "ada", "ben")]


def test_who_let_go_or_whose_time_is_over_has_nothing_any_more() -> None:
    history = History()
    history.told(_take("ada", 1))
    history.lets_go("ada")
    history.told(_take("ben", 1))
    history.told(_take("eve", 1, at=LATER))
    assert history.twice == []


def test_what_was_bought_is_owned_for_ever() -> None:
    history = History()
    history.buys(Bought("ada", "00001", (("run-1", 1),)))
    history.told(_take("ben", 1, at=LATER + timedelta(days=1)))
    assert history.twice == [(("run-1", 1), "ada", "ben")]


def test_what_was_promised_after_a_backup_is_nobody_s_once_it_is_put_back() -> None:
    history = History()
    history.told(_take("ada", 1))
    mark = history.mark()
    history.told(_take("ben", 2))
    history.staff["copy.withdrawn", 3] += 1
    history.lose_since(mark)
    history.told(_take("eve", 1))
    history.told(_take("eve", 2))
    assert [take.fan for take in history.takes] == ["ada", "eve", "eve"]
    assert history.twice == [(("run-1", 1), "ada", "eve")]
    assert history.staff.total() == 0


def test_who_had_no_answer_has_failed_and_who_is_to_come_back_has_not() -> None:
    history = History()
    for outcome, status in (
        (Outcome.OK, 200),
        (Outcome.REFUSED, 409),
        (Outcome.REFUSED, 503),
        (Outcome.REFUSED, 502),
        (Outcome.UNKNOWN, None),
    ):
        history.note(Deed("ada", "take", outcome, status, 1.0, 2.0))
    assert [deed.status for deed in history.failed()] == [None, 502]
    assert [history.longest_between(*moments) for moments in ((0.0, 0.9), (2.9, 4.0), (3.1, 4.0))] == [0.0, 2.0, 0.0]


def test_a_500_is_a_fault_and_so_is_a_503_that_does_not_say_when_to_come_back() -> None:
    history = History()
    for status, words in ((500, ""), (503, "no Retry-After: busy"), (503, "busy"), (409, "sold out"), (200, "")):
        history.note(Deed("ada", "take", Outcome.REFUSED, status, 0.0, 0.1, words))
    assert [(deed.status, deed.words) for deed in history.faults()] == [(500, ""), (503, "no Retry-After: busy")]
