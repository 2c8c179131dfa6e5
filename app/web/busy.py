"""The page for who comes while the line at the door is full: printed beforehand, as there is no time for that just then."""

import json
import math
import random
from functools import lru_cache
from html import escape
from urllib.parse import parse_qsl

from flask import Flask, render_template
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app.kernel.errors import TooMany
from app.settings import Settings
from app.web import headers

_SPREAD = 2.0  # seconds, so that not all come again at once
_TITLE = "You are in, one moment"
_DETAIL = "More people came in this second than we can serve at once. Nothing is lost: this page tries again by itself."
_AGAIN = "More people came in this second than we can serve at once. Nothing is lost: please try again."
_HERE, _ACTION, _FIELDS, _SECONDS = "~~here~~", "~~action~~", "~~fields~~", "~~seconds~~"
_MOST_FIELDS = 20
Pages = tuple[str, str]  # for who looks, and for who has sent something


class BusyPage:
    """One per application. The front cannot print: it has no time to ask the database, and would need memory for all of that."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app, self._headers = app, list(headers.fixed(settings).items())
        self._pages: Pages | None = None

    def learn(self, pages: Pages) -> None:
        """Say this from now on; until then a plain sentence."""
        self._pages = pages

    def answer(self, method: str, path: str, body: bytes, accept: str, wait: float) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status 429, headers and the page, which asks the same again after a while; problem details for a program."""
        seconds = wait + random.random() * _SPREAD  # noqa: S311 - no secret
        retry = [("Retry-After", str(math.ceil(seconds))), ("Cache-Control", "no-store"), *self._headers]
        if prefers_json(accept):
            problem = {"type": "about:blank#busy", "code": "busy", "title": _TITLE, "status": 429, "detail": _DETAIL}
            return 429, [("Content-Type", "application/problem+json"), *retry], json.dumps(problem).encode()
        read = method in {"GET", "HEAD"}
        if self._pages is None:
            again = [("Refresh", str(math.ceil(seconds)))] if read else []
            return 429, [("Content-Type", "text/plain; charset=utf-8"), *again, *retry], f"{_TITLE}. {_AGAIN}\n".encode()
        page = self._pages[0 if read else 1].replace(_SECONDS, f"{seconds:.1f}")
        page = page.replace(_HERE, escape(path if read else path.removesuffix("/holds")))
        if not read:
            page = page.replace(_ACTION, escape(path)).replace(_FIELDS, _again(body))
        return 429, [("Content-Type", "text/html; charset=utf-8"), *retry], page.encode()

    def pages(self) -> Pages:
        """Print both, with the label's name as the database has it."""
        return self._print(writes=False), self._print(writes=True)

    def _print(self, *, writes: bool) -> str:
        words = {
            "title": _TITLE,
            "detail": _DETAIL,
            "writes": writes,
            "here": _HERE,
            "action": _ACTION,
            "fields": _FIELDS,
            "seconds": _SECONDS,
        }
        with self._app.test_request_context("/"):
            return render_template("errors/busy.html", **words, status=TooMany.status)


def _again(body: bytes) -> str:
    """The fields of a form once more, hidden."""
    fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)[:_MOST_FIELDS]
    return "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields)


@lru_cache(256)
def prefers_json(accept: str) -> bool:
    """Does an Accept header ask for JSON rather than for a page?"""
    best = parse_accept_header(accept, MIMEAccept).best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"
