"""A ready statement with a list in it, for each length that the list has had."""

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.orm import Session

from app.kernel.ready import Ready, Rows

_LENGTHS = 32  # that are kept


class Several:
    """Statements made by `build`, which is handed the parameters that stand for the list."""

    def __init__(self, build: Callable[[list[BindParameter[Any]]], Any]) -> None:
        self._of_length = lru_cache(_LENGTHS)(lambda length: Ready(build([bindparam(f"each_{at}") for at in range(length)])))

    def rows(self, session: Session, values: Collection[Any], **given: Any) -> Rows:
        """Run it with these values; without any there are no rows."""
        if not values:
            return []
        return self._of_length(len(values)).rows(session, **{f"each_{at}": value for at, value in enumerate(values)}, **given)
