"""Refuses what another site's page makes a browser send, without any token in our own pages."""

from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import LengthRequired
from werkzeug.routing import IntegerConverter, Map

from app.kernel.errors import Forbidden, NotFound
from app.web.house import house

SAFE = {"GET", "HEAD", "OPTIONS"}
LARGEST_FORM = 64 * 1024  # bytes; uploads at the desk raise this per request


def install(app: Flask) -> None:
    """Check every request before it reaches a view."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM
    app.config["MAX_FORM_PARTS"] = 200
    app.url_map.converters["int"] = RowId
    app.before_request(refuse_cross_site)
    app.before_request(refuse_unmeasured_body)
    app.before_request(refuse_unprintable_address)


class RowId(IntegerConverter):
    """A whole number in an address that a row could have; a longer one is no address of ours."""

    regex = "[0-9]+"  # no other script's digits

    def __init__(self, map: Map) -> None:  # noqa: A002 - werkzeug's word
        super().__init__(map, max=2**63 - 1)


def refuse_cross_site() -> None:
    """Forbidden for a change that a page of another site asks for.

    Sec-Fetch-Site decides where the browser sends it, else Origin against Host; with neither it is no browser.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or _host(origin) in {request.host, _host(house().settings.base_url)}
    if not ours:
        raise Forbidden("This came from a page of another site, so we did nothing. Please use the shop's own pages.")


def _host(origin: str) -> str | None:
    """The host and port of an origin; None for `null` and for what is no address."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def refuse_unmeasured_body() -> None:
    """411 for a body that does not say its length: beyond our limit it would be cut off, and acted upon in part."""
    if request.method not in SAFE and request.content_length is None and "Transfer-Encoding" in request.headers:
        raise LengthRequired


def refuse_unprintable_address() -> None:
    """NotFound for an address with control characters: nothing of ours has any, and PostgreSQL cannot even compare a NUL."""
    if any(ord(sign) < 32 for sign in request.path):
        raise NotFound("There is nothing at this address.")
