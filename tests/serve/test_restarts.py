"""When to start a dead child again, and when to stop trying."""

from app.serve.restarts import Again, GiveUp, Record, after_death


def test_the_wait_doubles_while_lives_stay_short_and_ends_at_half_a_minute() -> None:
    record, delays = Record(ever_healthy=True), []
    for _ in range(9):
        step = after_death(record, lived=1.0)
        assert isinstance(step, Again)
        delays.append(step.delay)
        record = step.record
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_a_long_life_clears_the_record() -> None:
    assert after_death(Record(short_lives=3), lived=10.0) == Again(0.5, Record(0, ever_healthy=True))


def test_a_child_that_never_lived_is_given_up_the_fourth_time() -> None:
    assert after_death(Record(short_lives=3), lived=9.9) == GiveUp(4)


def test_a_child_that_once_lived_is_never_given_up() -> None:
    assert after_death(Record(short_lives=400, ever_healthy=True), lived=0.0) == Again(30.0, Record(401, ever_healthy=True))
