"""The front: answers every request that comes, from memory or by asking a process behind the door."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Hashable
from typing import Any

from app.gate.answer import Answer, Headers
from app.gate.back import NOTE
from app.gate.behind import Behind, Gone
from app.gate.body import NOTHING, Bodies, Body, Slow
from app.gate.door import Busy, Door, Lane
from app.gate.front import Front, Tally
from app.gate.pace import Pace, network

NOTE_EVERY = 0.1  # seconds
READING = {"GET", "HEAD"}
SENT_BY = ("accept", "content-type", "cookie", "sec-fetch-site", "origin", "host")  # what an answer to writing may depend on
BusyPage = Callable[[str, str, bytes, str, float], tuple[int, Headers, bytes]]  # of method, path, body, Accept, seconds
LOST = Answer(
    502,
    [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")],
    b"Something of ours stopped in the middle, and we cannot say whether that worked. Look again: /holds shows what is yours.\n",
)


class Gate:
    """One per shop. `lane_of` says how urgent a request is, by its method and path; `hops` proxies before it are trusted."""

    def __init__(self, behind: Behind, busy: BusyPage, door: Door, lane_of: Callable[[str, str], Lane], hops: int = 0) -> None:
        self._behind, self._busy, self._door, self._lane_of, self._hops = behind, busy, door, lane_of, hops
        self._front, self._bodies, self._pace = Front(), Bodies(), Pace()
        self._tallies: list[Tally] = []  # that have something to tell
        self._telling: asyncio.Task[None] | None = None
        self._prefix, self._count = secrets.token_hex(3), 0

    async def __call__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        began, method, path, asked = time.perf_counter(), scope.method, scope.path, scope.headers.get
        body = NOTHING
        question: Hashable
        if method in READING:
            question = (method, path, asked("accept"), asked("accept-encoding"), asked("if-none-match"))
        else:
            try:
                body = await self._bodies.read(proto, path, asked("content-length"))
            except Slow:
                proto.response_bytes(408, [("Connection", "close")], b"")
                return
            question = (method, path, scope.query_string, body.content, *[asked(name) for name in SENT_BY])
        if (kept := self._front.look(question, began)) is not None:
            self._say(proto, kept.tally, kept.answer, began)
            return
        lane = self._lane_of(method, path)
        try:
            if lane.paced:
                self._pace.count(asked("cookie"), network(scope.client, asked("x-forwarded-for"), self._hops), began)
            async with self._door.place(lane):
                # Those in line before may have brought what is asked for.
                if (kept := self._front.fresh(question, time.perf_counter())) is not None:
                    self._say(proto, kept.tally, kept.answer, began)
                else:
                    _send(proto, await self._ask(scope, question, body))
        except Busy as full:
            told = self._busy(method, path, body.content, asked("accept") or "", full.seconds)
            self._say(proto, Tally(method, "-", told[0]), Answer(*told), began)
        except Gone:
            self._say(proto, Tally(method, "-", LOST.status), LOST, began)

    async def _ask(self, scope: Any, question: Hashable, body: Body) -> Answer:
        where = (scope.method, scope.path, scope.query_string, scope.scheme, scope.server, scope.client, scope.http_version)
        asked = ("ask", (*where, scope.headers.items(), body.content, body.file))
        try:
            told, keep = await self._behind.ask(asked)
        except Gone:
            if scope.method not in READING:
                raise
            # Reading changes nothing, so it can be done again; once, as it may be what kills.
            told, keep = await self._behind.ask(asked)
        answer = Answer(*told)
        if keep is None:
            self._front.forget(question)
        else:
            route, seconds = keep
            alike = [(name, value) for name, value in answer.headers if name.lower() != "x-request-id"]
            tally = Tally(scope.method, route, answer.status)
            self._front.keep(question, Answer(answer.status, alike, answer.body), tally, time.perf_counter() + seconds)
        return answer

    def _say(self, proto: Any, tally: Tally, answer: Answer, began: float) -> None:
        """Give an answer that no process behind has given just now, and have it told with others soon."""
        self._count += 1
        tally.mark = mark = f"{self._prefix}{self._count:06x}"
        proto.response_bytes(answer.status, [*answer.headers, ("X-Request-Id", mark)], answer.body)
        if not tally.took:
            if not self._tallies:
                self._telling = asyncio.get_running_loop().create_task(self._tell())
            self._tallies.append(tally)
        tally.took.append(time.perf_counter() - began)

    async def _tell(self) -> None:
        await asyncio.sleep(NOTE_EVERY)
        tallies, self._tallies = self._tallies, []
        noted = [(each.method, each.route, each.status, each.took, each.mark) for each in tallies]
        for each in tallies:
            each.took = []
        with contextlib.suppress(Gone):
            async with self._door.place(self._lane_of("GET", "/metrics")):
                await self._behind.ask((NOTE, noted))


def _send(proto: Any, answer: Answer) -> None:
    if not answer.file:
        proto.response_bytes(answer.status, answer.headers, answer.body)
    elif answer.part is None:
        proto.response_file(answer.status, answer.headers, answer.file)
    else:
        proto.response_file_range(answer.status, answer.headers, answer.file, *answer.part)
