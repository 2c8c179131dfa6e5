"""Mail: an id that every reader takes whole, and that two letters of one hour do not share."""

from email import message_from_bytes, policy

from app.kernel.mail import Letter, Mailer
from tests.cast import NOW


def _id_as_read(key: str) -> str:
    message = Mailer("smtp://127.0.0.1:1", "Runout <shop@runout.example>", "runout.example")._message(
        Letter(key, "ada@example.org", "Hello", "Hello", "<p>Hello"), NOW
    )
    read = message_from_bytes(message.as_bytes(), policy=policy.default)["Message-ID"]
    assert not read.defects
    return str(read)


def test_an_instant_in_the_key_does_not_end_the_id() -> None:
    first, second = (_id_as_read(f"mail.changed.1.2026-11-30T10:{minute}:00+00:00") for minute in ("07", "41"))
    assert first != second
    assert first.endswith("@runout.example>")


def test_a_plain_key_is_the_id() -> None:
    assert _id_as_read("mail.confirmed.25") == "<mail.confirmed.25@runout.example>"
