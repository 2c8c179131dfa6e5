"""Lines to the mail server that are kept for a moment, so that a hundred letters do not knock a hundred times."""

import smtplib
import ssl
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

TIMEOUT = 15  # seconds
REST = 5.0  # seconds after which a line that nobody uses is not used again
LETTERS = 50  # over one line; servers do not like more
KEPT = 8  # lines
_OK = 250


@dataclass
class _Line:
    server: smtplib.SMTP
    letters: int = 0
    since: float = field(default_factory=time.monotonic)


class Lines:
    """All lines to the server at one address: smtp://, smtp+starttls:// or smtps://, with user and password in it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept: list[_Line] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _hang_up, self._kept)

    @contextmanager
    def one(self) -> Iterator[smtplib.SMTP]:
        """A line for one letter, kept afterwards if that went well. Raises what smtplib does, OSError or ValueError."""
        line = self._rested() or _Line(_connect(self._url))
        try:
            yield line.server
        except BaseException:
            line.server.close()
            raise
        line.letters, line.since = line.letters + 1, time.monotonic()
        with self._lock:
            if line.letters < LETTERS and len(self._kept) < KEPT:
                self._kept.append(line)
                return
        _leave(line)

    def _rested(self) -> _Line | None:
        """A kept line on which the server still answers."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                line = self._kept.pop()
            if time.monotonic() - line.since < REST and _answers(line.server):
                return line
            _leave(line)


def _answers(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] == _OK
    except (OSError, smtplib.SMTPException):
        return False


def _hang_up(kept: list[_Line]) -> None:
    for line in kept:
        line.server.close()


def _leave(line: _Line) -> None:
    with suppress(OSError, smtplib.SMTPException):
        line.server.quit()
    line.server.close()


def _connect(url: str) -> smtplib.SMTP:
    where = urlsplit(url)
    host, port = where.hostname or "127.0.0.1", where.port or {"smtps": 465, "smtp+starttls": 587}.get(where.scheme, 25)
    if where.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        if where.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
    if where.username:
        server.login(unquote(where.username), unquote(where.password or ""))
    return server
