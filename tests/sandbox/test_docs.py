"""The page about the sandbox says what there is: cards, faults, manners of delivery, and no control that is not there."""

import re

from sandbox import TEST_CARDS, Options, make_app
from sandbox.behaviour import MODES
from sandbox.faults import KINDS
from tests.architecture.source import ROOT
from tests.architecture.test_docs import bare, rows

PAGE = (ROOT / "docs/sandbox.md").read_text()


def table(name):
    """Two columns of a checked table."""
    return {bare(first): second for first, second in rows(name)}


def test_cards():
    assert table("cards") == {card.spaced: card.title for card in TEST_CARDS}


def test_faults():
    assert table("faults") == KINDS


def test_modes():
    assert table("modes") == MODES


def test_every_control_is_shown_and_every_shown_one_exists():
    known = {rule.rule for rule in make_app(Options()).url_map.iter_rules() if rule.rule.startswith("/_local/")}
    shapes = {rule.removeprefix("/_local/"): re.sub(r"<\w+>", "[^/ ]+", rule.removeprefix("/_local/")) for rule in known}
    shown = set(re.findall(r"^ctl (\S+)", PAGE, re.MULTILINE)) | {"faults/flt_1"}
    assert {path for path in shown if not any(re.fullmatch(shape, path) for shape in shapes.values())} == set()
    missing = {rule for rule, shape in shapes.items() if not any(re.fullmatch(shape, path) for path in shown)}
    assert missing == {"authenticate"}  # `pay` does it in one go
