"""Flame graphs: what was seen of the shop's processes, without who waited, as boxes above each other."""

from collections import Counter
from xml.etree import ElementTree as ET

from bench.flame import stacks
from bench.flame_drawing import drawn

RAW = """\
_run (app/gate/back.py:40);_answer (app/gate/back.py:57);take (app/checkout/take.py:39) 6
_run (app/gate/back.py:40);_answer (app/gate/back.py:58);<render> & more (jinja2/environment.py:12) 2
_run (app/gate/back.py:40);receive (app/gate/frames.py:20);_exactly (app/gate/frames.py:26) 90
Thread._bootstrap (threading.py:995);Condition.wait (threading.py:320) 30
"""


def test_lines_of_one_function_are_one_and_who_waits_is_left_out() -> None:
    seen = stacks(iter([RAW]))
    assert sum(seen.values()) == 8
    assert {stack[1] for stack in seen} == {"_answer (app/gate/back.py)"}


def test_a_box_is_as_wide_as_it_was_seen_often() -> None:
    seen = stacks(iter([RAW])) + Counter({("narrow (x.py)",): 0})
    root = ET.fromstring(drawn(seen, "take & more"))  # noqa: S314 - our own drawing
    boxes = {group[0].text: float(group[1].attrib["width"]) for group in root.iter("{http://www.w3.org/2000/svg}g")}
    assert boxes["take (app/checkout/take.py): 75.0 %"] == 899.5
    assert boxes["<render> & more (jinja2/environment.py): 25.0 %"] == 299.5
    assert boxes["_run (app/gate/back.py): 100.0 %"] == 1199.5


def test_nothing_seen_is_a_drawing_too() -> None:
    assert "0 looks" in drawn(Counter(), "idle")
