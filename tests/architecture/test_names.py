"""Files are named for their subject, modules say their job, and the glossary's words keep their one meaning."""

import ast
import re

import pytest

from tests.architecture.source import modules, tracked_files

SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "service", "services"}

# A word that means something else here, as far as a name can show it.
OTHER_MEANINGS = [
    (r"^_*release_(all|copy|copies|hold|holds|lease|leases|lock|locks|stock|claim|claims)$", "put back, let go"),
    (r"(shipping|postage|postal|parcel|address)_labels?\b|\blabels?_for_(parcel|shipment|postage)", "parcel slip"),
    (r"^_*returns?_(goods|item|items|copy|copies|order)\b|\breturn_(label|parcel)", "goods return"),
    (r"^_*(re)?order_by_|^_*ordered_by|^_*in_order_of", "sort"),
    (
        r"^_*drop_(all|blank|blanks|empty|invalid|none|expired|old|duplicate|duplicates|database|table|keys|fields)\b",
        "remove",
    ),
]


def test_no_file_has_a_name_that_says_nothing() -> None:
    stems = {path: path.rsplit("/", 1)[-1].split(".")[0] for path in tracked_files()}
    assert [path for path, stem in stems.items() if stem.lower().strip("_") in SAYS_NOTHING] == []


def test_every_module_opens_with_its_job() -> None:
    mute = [module.path for module in modules("app", "sandbox", "tests", "migrations") if not ast.get_docstring(module.tree)]
    assert mute == []


@pytest.mark.parametrize(("pattern", "say"), OTHER_MEANINGS)
def test_a_word_of_the_glossary_is_not_used_for_something_else(pattern: str, say: str) -> None:
    wrong = [
        f"{module.at(function)} {function.name}: say {say}"
        for module in modules("app", "sandbox", "tests")
        for function in module.functions
        if re.search(pattern, function.name)
    ]
    assert wrong == []
