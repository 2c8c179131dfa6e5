"""The options of a select: a list of two hundred countries is written once, not for every fan."""

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape


def options(choices: Sequence[tuple[object, object]], value: object) -> Markup:
    """An `<option>` for each (value, text), with the one of this value selected."""
    written = _kept(choices) if isinstance(choices, tuple) and _is_plain(choices) else _written(choices)
    mine = f'<option value="{escape(str(value))}"'
    return Markup(written.replace(f"{mine}>", f"{mine} selected>"))  # noqa: S704 - escaped when it was written


def _is_plain(choices: Sequence[tuple[object, object]]) -> bool:
    """Text alone: what is marked up already equals the same text that is not."""
    return all(type(value) is str and type(text) is str for value, text in choices)


def _written(choices: Sequence[tuple[object, object]]) -> str:
    return "".join(f'<option value="{escape(str(value))}">{escape(text)}</option>' for value, text in choices)


@lru_cache(64)
def _kept(choices: tuple[tuple[object, object], ...]) -> str:
    return _written(choices)
