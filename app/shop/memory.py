"""What the public site remembers for a moment: pages that are the same bytes for everybody, and the label's colophon."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from flask import Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from app.shop.blueprint import bp
from app.shop.gone import Memory as Gone
from app.web import doorman
from app.web.caching import MicroCache

_KEY = "runout_memory"


@dataclass(frozen=True)
class Printed:
    """A page as it is sent: plain, compressed, and its entity tag."""

    body: bytes
    zipped: bytes
    tag: str
    content_type: str


@dataclass(frozen=True)
class Memory:
    """One per application; `pages` holds Printed for a second, `colophon` the layout's variables for five.

    `gone` is what was found sold out; `sales` holds what a take needs to know of a drop, for a second.
    """

    pages: MicroCache = field(default_factory=MicroCache)
    colophon: MicroCache = field(default_factory=lambda: MicroCache(5.0))
    gone: Gone = field(default_factory=Gone)
    sales: MicroCache = field(default_factory=MicroCache)

    def clear(self) -> None:
        """Forget everything."""
        self.gone.clear()
        self.sales.clear()
        self.pages.clear()
        self.colophon.clear()


@bp.record
def _furnish(state: BlueprintSetupState) -> None:
    state.app.extensions[_KEY] = Memory()


def memory() -> Memory:
    """The current application's memory."""
    return of_app(current_app)


def of_app(app: Flask) -> Memory:
    """An application's memory."""
    found = app.extensions[_KEY]
    assert isinstance(found, Memory)  # noqa: S101 - narrows the type of a dictionary that holds anything
    return found


def printed(text: str, content_type: str, *, tag_of: str | None = None) -> Printed:
    """A page ready to be sent; `tag_of` is what its tag is made of, where the page itself tells the time."""
    body = text.encode()
    tag = sha256((text if tag_of is None else tag_of).encode()).hexdigest()[:20]
    return Printed(body, gzip.compress(body, 5, mtime=0), tag, content_type)


def remembered(key: str, make: Callable[[], Printed]) -> Response:
    """The page `key`, at most a second old."""
    return answer(memory().pages.get(key, make), key)


def answer(page: Printed, key: str, *, weak: bool = False) -> Response:
    """200, or 304 for who has this page already; any cache may keep it for a second. It carries no cookie."""
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(page.zipped if zipped else page.body, content_type=page.content_type)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    # Compressed and plain bytes differ, so a strong tag names which of them it is.
    response.set_etag(page.tag if weak else f"{page.tag}{'z' if zipped else ''}", weak=weak)
    response.headers["Cache-Control"] = "public, max-age=1"
    response.headers["Vary"] = "Accept, Accept-Encoding"
    response.make_conditional(request)
    doorman.keep(memory().pages.left(key))
    return response
