"""Crash points: what is named exists, few are armed at a time, and nothing counts as hit that nobody died at."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from faults.armoury import SIDES, Armoury
from faults.patches.points import file_of
from faults.rows.crashes import COMMITS, NAMED

POINTS = ["worker a after commit", "worker a before commit", "worker b after commit", "web a before commit", "web c before commit"]
ALL = {name: re.compile(rf"\w+ {name} commit") for name in ("a before", "a after", "b after", "c before")}


@pytest.mark.parametrize("place", COMMITS.values())
def test_every_place_is_one_of_the_shop(place: str) -> None:
    module, _, function = place.replace("\\.", ".").replace("\\S+", "").replace("\\S*", "").rpartition(".")
    code = Path(str(import_module(f"app.{module}").__file__)).read_text()
    assert f"def {function}" in code


def test_before_and_after_are_two_things() -> None:
    assert len(NAMED) == 44
    assert [name for name, pattern in NAMED.items() if pattern.fullmatch("web checkout.pay._go before commit")] == [
        "before a payment is wanted"
    ]


def _armed(folder: Path) -> set[str]:
    return {file.name for file in (folder / "armed").iterdir()}


def test_a_few_at_a_time_and_the_web_server_only_where_no_worker_comes(tmp_path: Path) -> None:
    armoury = Armoury(tmp_path, ALL, each=1)
    (tmp_path / "points").write_text("\n".join(POINTS))
    armoury.arm()
    wanted = [*POINTS[:3], "web c before commit"]
    assert _armed(tmp_path) == {f"{file_of(point)}.0" for point in wanted}
    assert len(wanted) == sum(at_once for at_once, _ in SIDES.values())
    armoury.disarm()
    assert _armed(tmp_path) == set()


def test_what_was_hit_often_enough_is_left_alone(tmp_path: Path) -> None:
    armoury = Armoury(tmp_path, ALL, each=2)
    (tmp_path / "points").write_text("\n".join([*POINTS, "worker elsewhere before commit"]))
    (tmp_path / "hits").write_text("\n".join(POINTS * 2))
    assert armoury.missed() == {}
    armoury.arm()
    assert _armed(tmp_path) == {"worker_elsewhere_before_commit.0"}
    assert armoury.others() == {"worker elsewhere before commit"}
