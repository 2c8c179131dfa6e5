"""A mail catcher: takes everything by SMTP, delivers nothing, keeps the last messages for reading."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Json = dict[str, Any]

KEPT = 500
_LARGEST = 10 * 1024 * 1024


@dataclass(frozen=True)
class Letter:
    """One message as it came in: ``n`` counts from 1, ``at`` is seconds since the epoch."""

    n: int
    at: float
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        return BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(self.raw)

    @property
    def received(self) -> datetime:
        """When it came in."""
        return datetime.fromtimestamp(self.at, UTC)

    def body(self, kind: str) -> str:
        """The text of the ``plain`` or ``html`` part, or nothing."""
        part = self.message.get_body(preferencelist=(kind,))
        return content(part).replace("\r\n", "\n") if part is not None else ""

    def header(self, name: str) -> str:
        """A header's value as text, or nothing; a broken header is shown as it is."""
        try:
            return str(self.message.get(name, ""))
        except (ValueError, IndexError, AttributeError):  # the standard parser trips over some broken headers
            return "(unreadable)"

    def as_json(self) -> Json:
        """What tests ask for."""
        return {
            "n": self.n,
            "at": self.at,
            "envelope": {"from": self.sender, "to": list(self.recipients)},
            "from": self.header("From"),
            "to": self.header("To"),
            "reply_to": self.header("Reply-To"),
            "subject": self.header("Subject"),
            "message_id": self.header("Message-ID").strip(),
            "text": self.body("plain"),
            "html": self.body("html"),
            "attachments": [part.get_filename() or "" for part in self.message.iter_attachments()],
        }


def content(part: Any) -> str:
    """A text part, decoded; what cannot be decoded is replaced, not refused."""
    try:
        return str(part.get_content())
    except (LookupError, KeyError, ValueError):
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


class Mailbox:
    """The last letters, in memory, and in a folder when they should survive a restart."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._letters: deque[Letter] = deque(maxlen=KEPT)
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self._letters.extend(_load(path) for path in sorted(folder.glob("*.eml"))[-KEPT:])
        self._numbers = itertools.count(self._letters[-1].n + 1 if self._letters else 1)

    def take(self, sender: str, recipients: Iterable[str], raw: bytes) -> Letter:
        """Keep a message; the oldest makes room."""
        with self._lock:
            letter = Letter(next(self._numbers), time.time(), sender, tuple(recipients), raw)
            if self._folder:
                _file(self._folder, letter.n).write_bytes(_envelope_lines(letter) + raw)
                _file(self._folder, letter.n - KEPT).unlink(missing_ok=True)
            self._letters.append(letter)
        return letter

    def letters(self) -> list[Letter]:
        """All letters, newest first."""
        with self._lock:
            return list(self._letters)[::-1]

    def find(self, number: int) -> Letter | None:
        """The letter with that number, if it is still here."""
        return next((letter for letter in self.letters() if letter.n == number), None)

    def clear(self) -> None:
        """Throw all letters away."""
        with self._lock:
            for letter in self._letters:
                if self._folder:
                    _file(self._folder, letter.n).unlink(missing_ok=True)
            self._letters.clear()


class _Handler:
    """What aiosmtpd calls for each message."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        raw = envelope.original_content or b""
        self._mailbox.take(envelope.mail_from or "", envelope.rcpt_tos, raw)
        return "250 Message accepted for reading here"


def smtp_server(mailbox: Mailbox, host: str, port: int) -> Controller:
    """An SMTP server that fills the mailbox; ``start()`` and ``stop()`` it."""
    return Controller(_Handler(mailbox), hostname=host, port=port, data_size_limit=_LARGEST, enable_SMTPUTF8=True)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.eml"


def _envelope_lines(letter: Letter) -> bytes:
    """The envelope as headers in front of the message, for the folder only."""
    recipients = ",".join(letter.recipients)
    return f"X-Caught-At: {letter.at}\r\nX-Caught-From: {letter.sender}\r\nX-Caught-To: {recipients}\r\n".encode()


def _load(path: Path) -> Letter:
    at, sender, recipients, raw = path.read_bytes().split(b"\r\n", 3)
    values = [line.partition(b": ")[2].decode() for line in (at, sender, recipients)]
    return Letter(int(path.stem), float(values[0]), values[1], tuple(values[2].split(",")), raw)
