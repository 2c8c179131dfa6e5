"""Crash points: before and after each commit, each call to Stripe and each mail; a process dies at a point that is armed.

A point is named by what is being done there (`worker checkout.capture._follow after commit`), so that it is found wherever the
code moves. Each process writes down the points that it reaches; a file `armed/<point>.<n>` in FAULTS_DIR means: die here, once.
"""

import importlib
import inspect
import os
import re
import signal
import smtplib
import sys
import threading
import time
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import stripe
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

# Below these frames somebody wants a transaction; they only provide it.
PROVIDERS = ("app.kernel.db", "app.kernel.turns", "app.web.house")
_IDS = re.compile(r"/(cs|pi|ch|re|du)_\w+")
_UNFIT = re.compile(r"[^\w.*-]+")
MOST = 3  # times that one point may be armed
LEAST_LIFE = 0.4  # seconds: a process does some work before it dies again
_seen: set[str] = set()
_began: dict[int, float] = {}
_writing = threading.local()  # did this thread's last commit write?


def install() -> None:
    """Listen at every engine, session and client of this process."""
    for heavy in ("app.factory", "app.worker"):  # so that who forks has them, and a new process is there at once
        importlib.import_module(heavy)
    event.listen(Engine, "commit", _before_commit)
    event.listen(Session, "after_commit", _after_commit)
    _around(stripe.RequestsClient, "request", lambda _self, method, url, *_rest, **_more: _call(method, url))
    _around(smtplib.SMTP, "send_message", lambda *_rest, **_more: "mail")


def folder() -> Path:
    """Where points are written down and armed."""
    return Path(os.environ["FAULTS_DIR"])


def file_of(point: str) -> str:
    """A point's name as the name of a file."""
    return _UNFIT.sub("_", point)


def reach(what: str) -> None:
    """This process is at a point: remember it, and die if it is armed."""
    point = f"{'worker' if _is_worker() else 'web'} {what}"
    if point not in _seen:
        _seen.add(point)
        _append("points", point)
    if time.monotonic() - _began.setdefault(os.getpid(), time.monotonic()) > LEAST_LIFE and _armed(point):
        _append("hits", point)
        os.kill(os.getpid(), signal.SIGKILL)


def _armed(point: str) -> bool:
    """Was there a file for this point? It is gone then: only one process gets it."""
    for number in range(MOST):
        try:
            (folder() / "armed" / f"{file_of(point)}.{number}").unlink()
        except FileNotFoundError:
            continue
        return True
    return False


def _before_commit(connection: Connection) -> None:
    _writing.on = connection.get_execution_options().get("runout_writes", False)
    if _writing.on:
        reach(f"{_place()} before commit")


def _after_commit(_session: Session) -> None:
    if getattr(_writing, "on", False):  # a savepoint ends here too, but no connection has committed then
        _writing.on = False
        reach(f"{_place()} after commit")


def _around(owner: type, name: str, describe: Callable[..., str]) -> None:
    inner = getattr(owner, name)

    @wraps(inner)
    def outer(*args: Any, **more: Any) -> Any:
        what = describe(*args, **more)
        reach(f"before {what}")
        answer = inner(*args, **more)
        reach(f"after {what}")
        return answer

    setattr(owner, name, outer)


def _call(method: str, url: str) -> str:
    path = _IDS.sub("/*", url.split("://", 1)[-1].partition("/")[2].partition("?")[0])
    return f"{method.upper()} {path}"


def _place() -> str:
    """The function that opened this transaction; where it opens several, also which of them."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("app.") and module not in PROVIDERS:
            return f"{module.removeprefix('app.')}.{frame.f_code.co_name}{_which(frame.f_code, frame.f_lineno)}"
        frame = frame.f_back
    return "elsewhere"


def _which(code: CodeType, line: int) -> str:
    opens = _openings(code)
    return f"/{sum(each <= line for each in opens)}" if len(opens) > 1 else ""


@cache
def _openings(code: CodeType) -> tuple[int, ...]:
    lines, first = inspect.getsourcelines(code)
    return tuple(first + n for n, line in enumerate(lines) if "transaction(" in line)


@cache
def _is_worker() -> bool:
    return Path("/proc/self/comm").read_text() == "runout-worker\n"


def _append(file: str, line: str) -> None:
    with (folder() / file).open("a") as out:
        out.write(f"{line}\n")
