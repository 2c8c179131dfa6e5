"""The line to the payment page: who asked first goes first, so many a second, and nobody overtakes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.checkout import line, send
from app.kernel.db import reading, transaction
from app.kernel.outbox import Job
from app.payments.gateway import StripeBusy
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState
from tests.builders import open_drop, take_with_details
from tests.cast import NOW, someone
from tests.story import Story


@pytest.fixture(autouse=True)
def _four_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer fans make the same line."""
    monkeypatch.setattr(line, "SESSIONS_PER_SECOND", 4)


def _ask(story: Story, count: int, *, places: bool = False) -> list[int]:
    """So many fans press Pay one after another; the ids of their attempts. Without places nobody is sent at once."""
    drop, run = open_drop(story.db, size=count)
    asked = []
    taken = [] if places else [story.gateway.calls.acquire(blocking=False) for _ in range(4)]
    for number in range(count):
        hold = take_with_details(story.db, drop, {run: 1}, someone(f"fan{number}"), story.clock.now())
        story.pay(hold.id)
        asked.append(story.attempts(hold.id)[0].id)
        story.clock.forward(milliseconds=1)
    for _ in taken:
        story.gateway.calls.release()
    return asked


def _ahead(story: Story, attempt_id: int) -> int:
    with reading(story.db) as session:
        return line.ahead(session, attempt_id, story.clock.now())


def _sent(story: Story) -> list[int]:
    """The attempts whose page was asked for, in the sequence in which Stripe was."""
    made = [request for request in story.stripe.requests(method="POST") if request["path"] == "/v1/checkout/sessions"]
    return [int(request["params"]["metadata"]["attempt"]) for request in made]


def test_the_place_in_line(story: Story) -> None:
    asked = _ask(story, 5)
    assert [_ahead(story, attempt) for attempt in asked] == [0, 1, 2, 3, 4]
    story.work()
    assert [_ahead(story, attempt) for attempt in asked] == [0] * 5


def test_first_come_first_served(story: Story) -> None:
    asked = _ask(story, 11)
    per_second = []
    for _ in range(4):
        before = len(_sent(story))
        story.work()
        per_second.append(len(_sent(story)) - before)
        story.clock.forward(seconds=1)
    assert per_second == [4, 4, 3, 0]
    assert _sent(story) == asked


def test_control_without_the_limit_all_go_at_once(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _ask(story, 6)
    monkeypatch.setattr(line, "SESSIONS_PER_SECOND", 1000)
    story.work()
    assert _sent(story) == asked


def test_who_comes_later_does_not_overtake(story: Story) -> None:
    waiting = _ask(story, 3)
    [newcomer] = _ask(story, 1, places=True)  # there is a place now, but three asked before
    assert (_sent(story), _ahead(story, newcomer)) == ([], 3)
    story.work()
    assert _sent(story) == [*waiting, newcomer]


def test_with_nobody_in_line_one_goes_at_once(story: Story) -> None:
    [attempt] = _ask(story, 1, places=True)
    assert (_sent(story), story.attempt(attempt).state) == ([attempt], AttemptState.OPEN)


def test_whose_turn_it_is_not_is_told_when_to_come(story: Story) -> None:
    asked = _ask(story, 12)
    with pytest.raises(StripeBusy) as not_yet:
        send.send(story.db, story.gateway, story.clock, asked[-1])
    assert (not_yet.value.seconds, _sent(story), story.attempt(asked[-1]).sent_at) == (2.0, [], None)


def test_a_hold_that_ended_keeps_nobody_waiting(story: Story) -> None:
    first, second = _ask(story, 2)
    hold = story.attempt(first).hold_id
    story.waited_enough(hold)
    with transaction(story.db) as session:
        session.get_one(CheckoutAttempt, first).created_at = NOW
    assert _ahead(story, second) == 1
    story.clock.set(story.hold(hold).expires_at)
    assert _ahead(story, second) == 0


def test_a_busy_stripe_is_asked_again_with_the_same_key(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 is not an answer to keep: nothing happened, and the attempt goes on as it was."""
    [attempt] = _ask(story, 1)
    real = type(story.gateway).create_session
    keys: list[str] = []

    def busy(gateway: object, request: dict[str, object], key: str) -> object:
        keys.append(key)
        if len(keys) < 3:
            raise StripeBusy("Request rate limit exceeded")
        return real(story.gateway, request, key)

    monkeypatch.setattr(type(story.gateway), "create_session", busy)
    for _ in range(2):
        with pytest.raises(StripeBusy):
            send.send(story.db, story.gateway, story.clock, attempt)
    assert (story.attempt(attempt).state, story.attempt(attempt).sent_at) == (AttemptState.WANTED, story.clock.now())
    assert send.send(story.db, story.gateway, story.clock, attempt)
    assert (len(set(keys)), story.attempt(attempt).state) == (1, AttemptState.OPEN)


def test_asking_again_counts_as_asking(story: Story) -> None:
    with transaction(story.db) as session:
        for _ in range(line.SESSIONS_PER_SECOND):
            line.ask_once(session, NOW)
        with pytest.raises(StripeBusy) as full:
            line.ask_once(session, NOW)
        assert full.value.seconds == 1.0
        line.ask_once(session, NOW + timedelta(seconds=1))


def test_no_job_is_lost_in_line(story: Story) -> None:
    _ask(story, 9)
    story.work()
    with reading(story.db) as session:
        assert session.scalar(select(func.count()).where(Job.kind == send.SEND, Job.state == "waiting")) == 5
