"""Lines to the mail server: used again while that works, and never so that a letter is lost or sent twice."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.kernel import smtp_lines
from app.kernel.mail import Letter, Mailer, MailTrouble

NOW = datetime(2026, 11, 29, tzinfo=UTC)


class Server:
    """Counts who connects, and what it took."""

    def __init__(self) -> None:
        self.lines, self.taken = set[str](), list[str]()
        self.says = "250 OK"

    @property
    def connected(self) -> int:
        return len(self.lines)

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.lines.add(str(session.peer))
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        if self.says.startswith("250"):
            self.taken.append(envelope.rcpt_tos[0])
        return self.says


@contextmanager
def listening(server: Server, port: int = 0) -> Iterator[Controller]:
    up = Controller(server, hostname="127.0.0.1", port=port or _free())
    up.start()
    try:
        yield up
    finally:
        up.stop()


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def letter(to: str) -> Letter:
    return Letter(to, f"{to}@example.org", "Hello", "Hello", "<p>Hello</p>")


def mailer(up: Controller) -> Mailer:
    return Mailer(f"smtp://127.0.0.1:{up.port}", "label@example.org", "example.org")


def test_many_letters_go_over_one_line() -> None:
    server = Server()
    with listening(server) as up:
        post = mailer(up)
        for n in range(5):
            post.send(letter(f"ada{n}"), NOW)
    assert (server.connected, len(server.taken)) == (1, 5)


def test_a_line_that_the_server_has_cut_is_not_used_again() -> None:
    server = Server()
    with listening(server) as up:
        post, port = mailer(up), up.port
        post.send(letter("ada"), NOW)
    with listening(server, port):
        post.send(letter("ben"), NOW)
    assert server.taken == ["ada@example.org", "ben@example.org"]


@pytest.mark.parametrize("limit", [("REST", 0.0), ("LETTERS", 1), ("KEPT", 0)])
def test_a_line_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch, limit: tuple[str, float]) -> None:
    monkeypatch.setattr(smtp_lines, *limit)
    server = Server()
    with listening(server) as up:
        post = mailer(up)
        for n in range(3):
            post.send(letter(f"ada{n}"), NOW)
    assert server.connected == 3


def test_a_line_on_which_a_letter_was_refused_is_left() -> None:
    server = Server()
    with listening(server) as up:
        post = mailer(up)
        server.says = "451 later"
        with pytest.raises(MailTrouble, match="451"):
            post.send(letter("ada"), NOW)
        server.says = "250 OK"
        post.send(letter("ada"), NOW)
    assert (server.connected, server.taken) == (2, ["ada@example.org"])
