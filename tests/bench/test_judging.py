"""What the bench concludes: percentiles, plans, what was sold twice, what was wrongly said to be gone, and gates."""

import math
from pathlib import Path

import pytest

from bench import __main__ as program
from bench.fans import Answer
from bench.figures import Round, Step, milliseconds, percentile
from bench.judge import Move, Refused, Told, false_sold_out, oversold
from bench.plan import K1, Kind, Size, second_wave, stampede
from bench.report import Row, at_least, at_most, failed, lines, none_of
from bench.run import Run
from bench.soak import flat
from bench.story import Story

SMALL = Size(fans=50, pages=100, live=40, bots=2, before=1.0)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([], 0.5, 0), ([7], 0.99, 7), ([3, 1, 2], 0.5, 2), (list(range(1, 101)), 0.99, 99), (list(range(1, 101)), 0.999, 100)],
)
def test_percentile(values: list[float], share: float, found: float) -> None:
    assert percentile(values, share) == found


def test_milliseconds() -> None:
    assert milliseconds(n / 1000 for n in range(1, 1001)) == {"p50": 500, "p95": 950, "p99": 990, "p99.9": 999}


def test_a_plan_is_made_of_its_seed() -> None:
    assert stampede("1", SMALL).digest == stampede("1", SMALL).digest != stampede("2", SMALL).digest
    assert second_wave("1", 5, 1).digest == second_wave("1", 5, 1).digest


def test_a_plan_has_everybody_at_their_time() -> None:
    plan = stampede("1", K1.scaled(0.1))
    takes = [moment.at - plan.t0 for moment in plan.moments if moment.kind is Kind.TAKE]

    assert list(plan.moments) == sorted(plan.moments)
    assert 300 <= len(takes) <= 330
    assert min(takes) >= 0
    assert 0.5 < sum(at < 1 for at in takes) / len(takes) < 0.7
    assert sum(moment.kind is Kind.BOT for moment in plan.moments) == 2 * 40 * 5


def test_a_planted_double_is_found() -> None:
    mine, yours = Told(7, 1.0, 600.0, "ada"), Told(7, 2.0, 601.0, "ben")

    assert oversold([mine, Told(8, 1.0, 600.0, "eve"), yours]) == [(mine, yours)]


@pytest.mark.parametrize(
    "second",
    [Told(7, 601.0, 1200.0, "ben"), Told(7, 2.0, 600.0, "ada"), Told(8, 2.0, 600.0, "ben")],
    ids=["later", "again", "other"],
)
def test_what_is_no_double(second: Told) -> None:
    assert oversold([Told(7, 1.0, 600.0, "ada"), second]) == []


def test_what_is_paid_is_never_free_again() -> None:
    assert len(oversold([Told(7, 1.0, math.inf, "ada"), Told(7, 9000.0, 9600.0, "ben")])) == 1


def test_a_planted_false_sold_out_is_found() -> None:
    """Two copies: one is taken at 1, the other at 3, and one comes back at 5."""
    moves = [Move(1, -1), Move(3, -1), Move(5, 1)]
    wrong = [Refused(0.1, 0.5), Refused(1.5, 2.5), Refused(5.5, 6)]
    right = [Refused(3.5, 4), Refused(2.5, 3.5), Refused(4.5, 5.5)]

    assert false_sold_out([*wrong, *right], 2, moves) == wrong


def test_held_after_counts_each_fan_once() -> None:
    plan = stampede("1", SMALL)
    takes = [n for n, moment in enumerate(plan.moments) if moment.kind is Kind.TAKE]
    told = [Answer(n, 201, 1.0, 0, 1.0, plan.t0 + 0.1 * at, again=False, text=b"") for at, n in enumerate(takes[:3], 1)]
    twice = told[0]._replace(done=plan.t0 + 9)
    story = Story(plan, 0, [*told, twice])

    assert story.held_after(3) == pytest.approx(0.3)
    assert story.held_after(4) == math.inf


def test_a_ratio_is_of_rounds_that_were_neighbours() -> None:
    ms = dict.fromkeys(("p50", "p95", "p99", "p99.9"), 1.0)
    step = Step("page", "sqlite", [Round(n, 1, ms, 0.1) for n in (80, 40, 90)], [Round(n, 1, ms, 0.1) for n in (100, 50, 100)])

    assert step.ratio == pytest.approx(0.8)


def test_gates() -> None:
    assert at_least("ratio", 0.75, 0.75).good
    assert not at_least("ratio", 0.7, 0.75).good
    assert at_most("held after", 1.5, 1.5).good
    assert not at_most("held after", math.inf, 1.5).good
    assert not none_of("oversold", 1).good


@pytest.mark.parametrize(("megabytes", "good"), [([90, 100, 101, 102, 104], True), ([90, 100, 103, 106, 109], False)])
def test_memory_that_grows_is_noticed(megabytes: list[float], good: bool) -> None:
    assert flat(megabytes)[0].good == good


@pytest.mark.parametrize(("figure", "code", "word"), [(1, 1, "oversold 1 FAILED"), (0, 0, "oversold 0 ✓")])
def test_a_gate_that_fails_makes_the_exit_code_1(
    figure: int, code: int, word: str, monkeypatch, capsys, tmp_path: Path
) -> None:  # fmt: skip
    def all_(self: Run, _kinds: tuple[str, ...]) -> None:
        self.rows.append(Row("drop", "sqlite", gates=[none_of("oversold", figure)]))

    monkeypatch.setattr(Run, "__post_init__", lambda _self: None)
    monkeypatch.setattr(Run, "all", all_)

    assert program.main(["--seed", "1", "--json", str(tmp_path / "bench.json")]) == code
    assert word in capsys.readouterr().out
    assert word.partition(" ")[0] in (tmp_path / "bench.json").read_text()


def test_the_table_has_a_cell_for_every_column() -> None:
    rows = [Row("page", "sqlite", {"per s": 1234.0, "Ratio": 0.751}, {"floor": "x"}, [none_of("wrong", 0)])]
    head, rule, row = list(lines(rows, 1))[1:4]

    assert head.count("|") == rule.count("|") == row.count("|")
    assert "1,234" in row
    assert not failed(rows)
