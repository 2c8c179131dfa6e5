"""Many fans over HTTP: compiles fans.c, hands it a plan, and reads what came of each request."""

import shutil
import struct
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_suffix(".c")
MAGIC, END = 0x46414E53, 0xFFFFFFFF
PLAN, ASK, TEXT, RECORD = struct.Struct("=8I3d"), struct.Struct("=dIIIHH"), struct.Struct("=II"), struct.Struct("=4diIII")
NO_CONNECTION, BROKEN, LATE = -1, -2, -3  # in the place of a status


class NoCompiler(Exception):
    """There is no C compiler here, or it does not compile this."""


class FansFailed(Exception):
    """The generator ended badly; the message holds its own words."""


class Ask(NamedTuple):
    """A request: when (seconds after the start), on whose connection, its bytes, how much of the answer to keep.

    `tries` is how often it is sent while the answer is 429; `last` closes the connection afterwards.
    """

    at: float
    conn: int
    text: bytes
    keep: int = 0
    tries: int = 1
    last: bool = False


class Answer(NamedTuple):
    """What came of the request `ask`; times are seconds after the start. `late` is how late the generator itself was.

    A negative status is no answer: no connection, a broken one, or none in time.
    """

    ask: int
    status: int
    planned: float
    late: float
    sent: float
    done: float
    again: bool
    text: bytes

    @property
    def took(self) -> float:
        """Seconds from the planned moment to the whole answer."""
        return self.done - self.planned

    @property
    def body(self) -> bytes:
        """What was kept of the body."""
        return self.text.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str | None:
        """A header of a kept answer; None when there is none."""
        head = self.text.partition(b"\r\n\r\n")[0].decode("latin-1")
        return next((v.strip() for line in head.split("\r\n")[1:] for k, _, v in [line.partition(":")] if k.lower() == name), None)


@dataclass(frozen=True)
class Came:
    """Everything that came of a plan, and what the generator itself needed: seconds of CPU, and of wall clock."""

    answers: list[Answer]
    cpu: float
    seconds: float


class Fans:
    """The compiled generator. `home` is where it lies, with its plans and results."""

    def __init__(self, home: Path) -> None:
        """Compile it; raises NoCompiler."""
        self.home, self._program, self._count = home, home / "fans", 0
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise NoCompiler("make bench needs a C compiler for its fans: install gcc (on Debian: apt-get install gcc libc6-dev)")
        words = [compiler, "-O2", "-o", str(self._program), str(SOURCE)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoCompiler(f"make bench needs a C compiler that can compile fans.c: {done.stderr[-300:]}")

    def play(self, port: int, asks: Sequence[Ask], *, start: float = 0, patience: float = 30, sources: int = 16) -> Came:
        """Each request at its moment; `start` is a moment of the real clock (0: now)."""
        with self.begin(port, asks, start=start, patience=patience, sources=sources) as crowd:
            return crowd.end()

    def race(self, port: int, asks: Sequence[Ask], seconds: float, *, cycle: bool = True, patience: float = 10) -> Came:
        """Each connection asks as soon as it has its answer, for so many seconds; without `cycle` each request once."""
        with self.begin(port, asks, seconds=seconds, cycle=cycle, patience=patience) as crowd:
            return crowd.end()

    def begin(
        self, port: int, asks: Sequence[Ask], *, start: float = 0, seconds: float = 0, cycle: bool = False, patience: float = 30,
        sources: int = 1,
    ) -> "Crowd":  # fmt: skip
        """The same, for who looks at the answers while they come; use it as a context."""
        self._count += 1
        plan, result = self.home / f"plan-{self._count}", self.home / f"came-{self._count}"
        plan.write_bytes(_packed(asks, port, start, seconds, patience, sources, cycle=cycle))
        return Crowd([str(self._program), str(plan), str(result)], plan, result)


class Crowd:
    """A plan under way."""

    def __init__(self, words: list[str], plan: Path, result: Path) -> None:
        self._words, self._plan, self._result = words, plan, result
        self._read, self._rest = 0, b""
        self._answers: list[Answer] = []
        self._own: tuple[float, float] | None = None

    def __enter__(self) -> "Crowd":
        self._result.touch()
        self._process = subprocess.Popen(self._words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return self

    def __exit__(self, *_fault: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()
        self._plan.unlink(missing_ok=True)
        self._result.unlink(missing_ok=True)

    @property
    def over(self) -> bool:
        """Has it ended?"""
        return self._process.poll() is not None

    def new(self) -> list[Answer]:
        """The answers that came since the last look."""
        with self._result.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        self._read += len(fresh)
        found, self._rest = unpacked(self._rest + fresh)
        for answer in found:
            if answer.ask == END:
                self._own = answer.planned, answer.late
        mine = [answer for answer in found if answer.ask != END]
        self._answers += mine
        return mine

    def end(self) -> Came:
        """Wait for its end; raises FansFailed."""
        said = self._process.communicate()[1].decode(errors="replace")
        self.new()
        if self._process.returncode or self._own is None:
            raise FansFailed(f"the fans ended with {self._process.returncode}: {said.strip()}")
        return Came(self._answers, *self._own)


def _packed(
    asks: Sequence[Ask], port: int, start: float, seconds: float, patience: float, sources: int, *, cycle: bool
) -> bytes:  # fmt: skip
    texts: dict[bytes, int] = {}
    rows = [ASK.pack(a.at, a.conn, texts.setdefault(a.text, len(texts)), a.keep, a.tries, a.last) for a in asks]
    conns = 1 + max((ask.conn for ask in asks), default=0)
    head = PLAN.pack(MAGIC, port, len(asks), conns, len(texts), cycle, sources, len(asks), start, seconds, patience)
    places, at = [], 0
    for text in texts:
        places.append(TEXT.pack(at, len(text)))
        at += len(text)
    return b"".join((head, *rows, *places, *texts))


def unpacked(data: bytes) -> tuple[list[Answer], bytes]:
    """The whole records at the beginning of what the generator wrote, and the rest."""
    found, at = [], 0
    while at + RECORD.size <= len(data):
        planned, late, sent, done, status, ask, again, kept = RECORD.unpack_from(data, at)
        end = at + RECORD.size + kept
        if end > len(data):
            break
        found.append(Answer(ask, status, planned, late, sent, done, bool(again), data[at + RECORD.size : end]))
        at = end
    return found, data[at:]


def request(method: str, path: str, host: str, headers: Iterable[tuple[str, str]] = (), body: bytes | None = None) -> bytes:
    """A request as a browser sends it, on a connection that stays."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers)]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + (body or b"")
