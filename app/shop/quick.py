"""The plain click of somebody new, answered before Flask's dispatch: at T0 that is nearly all there is.

Whatever is not as plain as our own button sends it, and every refusal, goes the usual way; nothing has been written then.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, cast

from flask import Flask, Response

from app.checkout.house import House
from app.checkout.take import Fan, Taken, take
from app.drops.sale import Sale
from app.drops.sale import sale as sale_of
from app.kernel import db
from app.kernel.errors import Refusal
from app.reports import links
from app.settings import Settings
from app.shop.taking import told
from app.web import fan, headers
from app.web.busy import prefers_json
from app.web.house import of_app

ROUTE = "/drops/<slug>/holds"
_PATH = re.compile(r"/drops/([a-z0-9-]+)/holds")
_FORM = re.compile(rb"run=([a-z0-9-]+)&quantity=([1-9][0-9]?)")
_LONGEST = 200  # bytes
_OURS = {"same-origin", "none"}  # what Sec-Fetch-Site says of our own pages


class QuickTake:
    """Stands before an application's own `wsgi_app`."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app, self._behind, self._settings = app, app.wsgi_app, settings
        self._house: House = of_app(app)
        self._always = [*headers.fixed(settings).items(), ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex")]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        wanted = _wanted(environ)
        if wanted is None:
            return self._behind(environ, start)
        began = time.perf_counter()
        who = Fan(secrets.token_urlsafe(16), fan.network_of(self._house.tokens, environ["REMOTE_ADDR"]), known=False)
        try:
            sale, taken = self._take(*wanted, who)
        except Refusal:
            return self._behind(environ, start)
        status, told_headers, body = self._answer(environ.get("HTTP_ACCEPT", ""), sale, taken, who)
        mark = secrets.token_hex(6)
        self._app.extensions["runout_doorman"].note([("POST", ROUTE, int(status[:3]), time.perf_counter() - began, mark)])
        start(status, [*told_headers, *self._always, ("X-Request-Id", mark)])
        return [body]

    def _take(self, slug: str, run: str, quantity: int, who: Fan) -> tuple[Sale, Taken]:
        with db.transaction(self._house.db) as session:
            sale = sale_of(session, slug)
            ids = [each.run_id for each in sale.runs if each.slug == run] if sale else []
            if sale is None or not ids:
                raise Refusal
            return sale, take(session, sale, {ids[0]: quantity}, who, self._house.clock.now())

    def _answer(self, accept: str, sale: Sale, taken: Taken, who: Fan) -> tuple[str, list[tuple[str, str]], bytes]:
        cookie = ("Set-Cookie", fan.set_cookie(self._settings, who))
        token = links.hold_token(self._house.tokens, taken.hold)
        if prefers_json(accept):
            body = cast("Response", self._app.json.response(told(taken, sale, token))).get_data()
            return "201 CREATED", [("Content-Type", "application/json"), ("Content-Length", str(len(body))), cookie], body
        plain = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0"), ("Location", f"/holds/{token}")]
        return "303 SEE OTHER", [*plain, cookie], b""


def _wanted(environ: dict[str, Any]) -> tuple[str, str, int] | None:
    """Drop, run and quantity of a plain click; None for anything else. What was read of the body can be read again."""
    if environ["REQUEST_METHOD"] != "POST" or (path := _PATH.fullmatch(environ["PATH_INFO"])) is None:
        return None
    length = environ.get("CONTENT_LENGTH", "")
    plain = (
        (environ.get("HTTP_SEC_FETCH_SITE") in _OURS if "HTTP_SEC_FETCH_SITE" in environ else "HTTP_ORIGIN" not in environ)
        and "HTTP_COOKIE" not in environ
        and environ.get("CONTENT_TYPE") == "application/x-www-form-urlencoded"
        and length.isdigit()
        and int(length) <= _LONGEST
    )
    if not plain:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    form = _FORM.fullmatch(body)
    return (path[1], form[1].decode(), int(form[2])) if form else None
