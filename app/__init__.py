"""Runout: numbered runs, timed drops, no copy sold twice."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.factory import create_app as create_app


def __getattr__(name: str) -> Any:
    """Load the factory only for who asks: the supervisor and the pure modules start without the whole house."""
    if name == "create_app":
        return importlib.import_module("app.factory").create_app
    raise AttributeError(name)
