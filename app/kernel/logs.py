"""Logs: one JSON line per event in production, readable lines in development; no tokens, no personal data."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"\b[0-9a-f]{1,16}-[A-Za-z0-9_-]{27}\b")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+\.[\w.-]+")  # bounded, as each place of a long text is a beginning
_SECRET = re.compile(r"\b(sk|rk|whsec)_[A-Za-z0-9_]+")


def configure(*, json: bool) -> None:
    """Set up structlog once per process, writing to stderr."""
    renderer: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike out tokens, addresses and keys wherever they slipped in."""
    return {name: _strike(value) if isinstance(value, str) else value for name, value in event.items()}


def _strike(text: str) -> str:
    return _SECRET.sub("[key]", _ADDRESS.sub("[address]", _TOKEN.sub("[token]", text)))
