"""The plain click, answered before Flask's dispatch: at T0 that is nearly all there is.

Whatever is not as plain as our own button sends it, and every refusal, goes the usual way; nothing has been written then.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast

from flask import Flask, Response

from app.checkout.house import House
from app.checkout.take import Fan, Taken, take, take_as_known
from app.drops.sale import Sale
from app.drops.sale import sale as sale_of
from app.inventory import holds
from app.kernel import db
from app.kernel.errors import NotFound, Refusal, SoldOut
from app.reports import links
from app.settings import Settings
from app.shop import gone, memory, taking
from app.web import fan, headers, logs
from app.web.busy import prefers_json
from app.web.doorman import KEEP
from app.web.house import of_app

ROUTE = "/drops/<slug>/holds"
_PATH = re.compile(r"/drops/([a-z0-9-]+)/holds")
_FORM = re.compile(rb"run=([a-z0-9-]+)&quantity=([1-9][0-9]?)")
_LONGEST = 200  # bytes
_OURS = {"same-origin", "none"}  # what Sec-Fetch-Site says of our own pages


@dataclass(frozen=True)
class Click:
    """A plain click, and who clicks."""

    drop: str
    run: str
    quantity: int
    accept: str
    who: Fan

    @property
    def question(self) -> tuple[str, str, int, str]:
        """What the answer depends on while nothing is free."""
        return self.drop, self.run, self.quantity, self.accept


class QuickTake:
    """Stands before an application's own `wsgi_app`."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app, self._behind, self._settings = app, app.wsgi_app, settings
        self._always = [*headers.fixed(settings).items(), ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex")]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        began = time.perf_counter()
        click = self._click(environ)
        if click is None:
            return self._behind(environ, start)
        if (told := self._gone.look(click.question, began)) is not None and not self._holds(told.drop_id, click.who):
            return self._say_gone(environ, start, told, click, began)
        try:
            sale, taken = self._take(click)
        except Refusal:
            return self._behind(environ, start)
        if taken is None:
            return self._too_late(environ, start, sale.id, click, began)
        self._gone.forget(click.question)
        return self._say(start, *self._taken(click, sale, taken), began)

    @property
    def _gone(self) -> gone.Memory:
        return memory.of_app(self._app).gone

    @property
    def _house(self) -> House:
        return of_app(self._app)

    def _click(self, environ: dict[str, Any]) -> Click | None:
        """The plain click of this request; None for anything else. What was read of the body can be read again."""
        if environ["REQUEST_METHOD"] != "POST" or (path := _PATH.fullmatch(environ["PATH_INFO"])) is None or not _is_plain(environ):
            return None
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(body)
        form, who = _FORM.fullmatch(body), self._who(environ)
        if form is None or who is None:
            return None
        return Click(path[1], form[1].decode(), int(form[2]), environ.get("HTTP_ACCEPT", ""), who)

    def _who(self, environ: dict[str, Any]) -> Fan | None:
        """Who sends no cookie, or our own and no other."""
        network = fan.network_of(self._house.tokens, environ["REMOTE_ADDR"])
        cookie = environ.get("HTTP_COOKIE")
        if cookie is None:
            return Fan(secrets.token_urlsafe(16), network, known=False)
        id_ = fan.id_of(self._settings, cookie)
        return Fan(id_, network) if id_ else None

    def _holds(self, drop_id: int, who: Fan) -> bool:
        if not who.known:
            return False
        with db.reading(self._house.db) as session:
            return holds.has_live(session, drop_id, who.id)

    def _take(self, click: Click) -> tuple[Sale, Taken | None]:
        """The sale, and what was taken of it; nothing when it is sold out."""
        if (known := self._take_as_known(click)) is not None:
            return known
        sale = None
        try:
            with db.transaction(self._house.db) as session:
                sale = sale_of(session, click.drop)
                ids = [each.run_id for each in sale.runs if each.slug == click.run] if sale else []
                if sale is None or not ids:
                    raise NotFound
                return sale, take(session, sale, {ids[0]: click.quantity}, click.who, self._house.clock.now())
        except SoldOut:
            return cast("Sale", sale), None

    def _take_as_known(self, click: Click) -> tuple[Sale, Taken] | None:
        """The usual click where one statement will do; nothing, and nothing done, where it will not, or has to be refused."""
        database = self._house.db
        if database.is_sqlite or (sale := memory.of_app(self._app).sales.get(click.drop, lambda: self._sale(click.drop))) is None:
            return None
        ids = [each.run_id for each in sale.runs if each.slug == click.run]
        if not ids:
            return None
        with suppress(Refusal), db.one_statement(database) as session:
            taken = take_as_known(session, sale, {ids[0]: click.quantity}, click.who, self._house.clock.now())
            return (sale, taken) if taken else None
        return None

    def _sale(self, slug: str) -> Sale | None:
        with db.reading(self._house.db) as session:
            return sale_of(session, slug)

    def _taken(self, click: Click, sale: Sale, taken: Taken) -> gone.Words:
        cookie = [] if click.who.known else [("Set-Cookie", fan.set_cookie(self._settings, click.who))]
        token = links.hold_token(self._house.tokens, taken.hold)
        if prefers_json(click.accept):
            body = cast("Response", self._app.json.response(taking.told(taken, sale, token))).get_data()
            about = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *cookie, *self._always]
            return "201 CREATED" if taken.changed else "200 OK", about, body
        plain = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0"), ("Location", f"/holds/{token}")]
        return "303 SEE OTHER", [*plain, *cookie, *self._always], b""

    def _say(self, start: Callable[..., Any], status: str, about: gone.Headers, body: bytes, began: float) -> Iterable[bytes]:
        mark = logs.new_id()
        noted = ("POST", ROUTE, int(status[:3]), [time.perf_counter() - began], mark)
        self._app.extensions["runout_doorman"].notes.soon(noted)
        start(status, [*about, ("X-Request-Id", mark)])
        return [body]

    def _too_late(
        self, environ: dict[str, Any], start: Callable[..., Any], drop_id: int, click: Click, began: float
    ) -> Iterable[bytes]:
        """Have Flask refuse the first who finds that nothing is free; the others are told the same."""
        mine: list[bytes] = []

        def words() -> gone.Words | None:
            said: list[tuple[str, gone.Headers]] = []

            def listen(status: str, about: gone.Headers, fault: Any = None) -> Any:
                said[:] = [(status, [(name, value) for name, value in about if name != "X-Request-Id"])]
                return start(status, about, fault)

            mine.append(b"".join(self._behind(environ, listen)))
            [(status, about)] = said
            return (status, about, mine[0]) if status.startswith("409") else None

        told = self._gone.found(click.question, drop_id, began, words)
        if mine:
            return mine
        if told is None or self._holds(told.drop_id, click.who):
            return self._behind(environ, start)
        return self._say_gone(environ, start, told, click, began)

    def _say_gone(
        self, environ: dict[str, Any], start: Callable[..., Any], told: gone.Gone, click: Click, began: float
    ) -> Iterable[bytes]:
        if not click.who.known and (left := told.until - began) > 0:
            environ[KEEP] = (ROUTE, left)
        return self._say(start, *told.words, began)


def _is_plain(environ: dict[str, Any]) -> bool:
    """Does it come as our own button sends it?"""
    site, length = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("CONTENT_LENGTH", "")
    return (
        (site in _OURS if site is not None else "HTTP_ORIGIN" not in environ)
        and environ.get("CONTENT_TYPE") == "application/x-www-form-urlencoded"
        and length.isascii()
        and length.isdigit()
        and int(length) <= _LONGEST
    )
