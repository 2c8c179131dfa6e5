"""The demo label: believable data for an empty shop."""

from app.seed.demo import demo

__all__ = ["demo"]
