"""The mail server with faults: each mode is what its name says."""

import smtplib
from collections.abc import Iterator

import pytest

from faults.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    running = Sink().start()
    yield running
    running.down()


def _send(sink: Sink, to: str = "ada@example.org") -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as server:
        server.sendmail("shop@runout.example", [to], "Message-ID: <one@shop>\r\n\r\nHello\r\n")


def test_a_letter_is_taken(sink: Sink) -> None:
    _send(sink)
    _send(sink)
    assert (sink.copies(), sink.repeated) == ({"<one@shop>": 2}, 1)


def test_it_can_be_busy_and_know_nobody(sink: Sink) -> None:
    sink.mode = "451"
    with pytest.raises(smtplib.SMTPDataError) as busy:
        _send(sink)
    sink.heal()
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        _send(sink, "nobody@refused.example")
    assert (busy.value.smtp_code, sink.received) == (451, [])


def test_a_cut_letter_was_taken_although_nobody_said_so(sink: Sink) -> None:
    sink.mode = "cut"
    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(sink)
    assert [(each.message_id, each.cut) for each in sink.received] == [("<one@shop>", True)]


def test_while_it_is_down_nobody_answers(sink: Sink) -> None:
    sink.down()
    with pytest.raises(ConnectionRefusedError):
        _send(sink)
    sink.heal()
    _send(sink)
    assert len(sink.received) == 1
