"""Modules and functions stay small, docstrings not counted; the bars are the house's."""

import statistics

from tests.architecture.source import Module, docstring_lines, modules

APP = modules("app")


def _module_lines(module: Module) -> int:
    return len(module.text.splitlines()) - docstring_lines(module.tree)


def _percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def test_modules_are_small() -> None:
    sizes = {module.path: _module_lines(module) for module in APP}
    assert {path: size for path, size in sizes.items() if size > 300} == {}
    assert statistics.median(sizes.values()) <= 60
    assert _percentile(list(sizes.values()), 0.9) <= 150


def test_functions_are_short() -> None:
    sizes = {
        f"{module.at(function)} {function.name}": (function.end_lineno or 0) - function.lineno + 1 - docstring_lines(function)
        for module in APP
        for function in module.functions
    }
    assert {place: size for place, size in sizes.items() if size > 60} == {}
    assert _percentile(list(sizes.values()), 0.9) <= 25
