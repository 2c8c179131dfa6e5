"""The two ends of the world: Stripe behind the SDK's HTTP client without a socket, and mail at the SMTP edge."""

import smtplib
from collections import Counter
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any

import stripe
from flask import Flask
from werkzeug.test import Client

Point = Callable[[str], None]
CUTS = (TimeoutError, ConnectionResetError)


class Wire:
    """The sandbox's WSGI app in the place of the network, below the shop's breaker."""

    def __init__(self, sandbox: Flask, point: Point) -> None:
        self._client = Client(sandbox)
        self._point = point

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        """Ask the sandbox; a broken connection is what the SDK makes of it."""
        self._point(f"asking {method} {url.rpartition('/v1/')[2][:30]}")
        try:
            answer = self._client.open(url, method=method, headers=dict(headers or {}), data=post_data)
        except CUTS as cut:
            self._point("cut off")
            raise stripe.APIConnectionError(f"{type(cut).__name__}: {cut}", should_retry=True) from cut
        self._point("answered")
        return answer.get_data(as_text=True), answer.status_code, answer.headers


class Postbox:
    """What a mail server took, by Message-ID; the next letter meets the `trouble`, if there is one."""

    def __init__(self, point: Point) -> None:
        self._point = point
        self.taken: Counter[str] = Counter()
        self.letters: list[EmailMessage] = []
        self.cut_off = 0
        self.trouble = ""
        self.met: list[str] = []

    def connect(self, *_where: Any, **_how: Any) -> "Server":
        """What smtplib.SMTP is called for."""
        if self._meets("away"):
            raise ConnectionRefusedError("nobody answers")
        return Server(self)

    def take(self, message: EmailMessage) -> None:
        """Accept a letter, or say why not."""
        self._point("mail")
        if self._meets("451"):
            raise smtplib.SMTPDataError(451, b"try again later")
        if self._meets("550"):
            raise smtplib.SMTPRecipientsRefused({message["To"]: (550, b"no such person")})
        self.letters.append(message)
        self.taken[message["Message-ID"]] += 1
        if self._meets("cut"):
            self.cut_off += 1
            raise smtplib.SMTPServerDisconnected("connection lost after the letter")
        self._point("mail taken")

    def _meets(self, kind: str) -> bool:
        if self.trouble != kind:
            return False
        self.met.append(kind)
        self.trouble = ""
        return True


class Server:
    """One connection."""

    def __init__(self, postbox: Postbox) -> None:
        self._postbox = postbox

    def send_message(self, message: EmailMessage) -> None:
        """Hand in a letter."""
        self._postbox.take(message)

    def noop(self) -> tuple[int, bytes]:
        """Is it still there?"""
        return 250, b"OK"

    def quit(self) -> None:
        """Leave."""

    def close(self) -> None:
        """Hang up."""
