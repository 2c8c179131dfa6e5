"""Answers every request that comes to a web process: from memory, or by the application behind the door."""

import asyncio
import secrets
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Protocol

from app.gate import body as bodies
from app.gate import wsgi
from app.gate.answer import Answer, Headers
from app.gate.door import Busy, Door, Lane
from app.gate.front import Front

KEEP = "runout.keep"  # in the environment: the route, and for how many seconds the answer is the same for all who ask the same
NOTE_EVERY = 0.1  # seconds
READING = {"GET", "HEAD"}
READ_BY = ("accept", "accept-encoding", "if-none-match")  # what an answer to reading may depend on
SENT_BY = ("accept", "content-type", "cookie", "sec-fetch-site", "origin", "host")  # … and one to writing, besides its body


Noted = tuple[str, str, int, float, str]  # method, route, status, seconds, the request's id


class House(Protocol):
    """What the gate must know of the shop behind it."""

    def note(self, noted: list[Noted]) -> None:
        """Log and count answers that the application did not give itself."""

    def busy(self, method: str, path: str, body: bytes, accept: str, seconds: float) -> tuple[int, Headers, bytes]:
        """The page that says: one moment."""


class Gate:
    """One per web process. `lane_of` says how urgent a request is, by its method and path."""

    def __init__(self, app: wsgi.WSGIApp, house: House, door: Door, lane_of: Callable[[str, str], Lane]) -> None:
        self._app, self._house, self._door, self._lane_of = app, house, door, lane_of
        self._front = Front()
        self._noted: list[Noted] = []
        self._prefix, self._count = secrets.token_hex(3), 0

    async def __call__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        began, asked = time.perf_counter(), scope.headers.get
        body: bytes | bodies.Long = b""
        if scope.method in READING:
            question: Hashable = (scope.method, scope.path, *[asked(name) for name in READ_BY])
        else:
            try:
                body = await bodies.read(proto, asked("content-length"), chunked=asked("transfer-encoding") is not None)
            except bodies.Slow:
                proto.response_bytes(408, [("Connection", "close")], b"")
                return
            question = (scope.method, scope.path, scope.query_string, body, *[asked(name) for name in SENT_BY])
        kept = self._front.look(question, began)
        if kept is not None:
            self._say(scope, proto, kept.route, kept.answer, began)
            return
        environment = wsgi.environ(scope, scope.headers.items(), body)
        try:
            answer = await self._door.through(self._lane_of(scope.method, scope.path), partial(wsgi.ask, self._app, environment))
        except Busy as full:
            small = body if isinstance(body, bytes) else b""
            told = self._house.busy(scope.method, scope.path, small, asked("accept") or "", full.seconds)
            self._say(scope, proto, "-", Answer(*told), began)
            return
        if KEEP in environment:
            route, seconds = environment[KEEP]
            alike = [(name, value) for name, value in answer.headers if name.lower() != "x-request-id"]
            self._front.keep(question, Answer(answer.status, alike, answer.body), route, time.perf_counter() + seconds)
        _send(proto, answer)

    def _say(self, scope: Any, proto: Any, route: str, answer: Answer, began: float) -> None:
        """Give an answer that is not Flask's own, and have it noted with others soon."""
        self._count += 1
        mark = f"{self._prefix}{self._count:06x}"
        proto.response_bytes(answer.status, [*answer.headers, ("X-Request-Id", mark)], answer.body)
        if not self._noted:
            asyncio.get_running_loop().call_later(NOTE_EVERY, self._note)
        self._noted.append((scope.method, route, answer.status, time.perf_counter() - began, mark))

    def _note(self) -> None:
        noted, self._noted = self._noted, []
        self._house.note(noted)


def _send(proto: Any, answer: Answer) -> None:
    if not answer.file:
        proto.response_bytes(answer.status, answer.headers, answer.body)
    elif answer.part is None:
        proto.response_file(answer.status, answer.headers, answer.file)
    else:
        proto.response_file_range(answer.status, answer.headers, answer.file, *answer.part)
