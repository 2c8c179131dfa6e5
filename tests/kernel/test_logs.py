"""What is logged: one line of JSON an event, in UTC, and no secret whoever says it."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from app.kernel import logs
from tests.cast import ADA, TOKENS


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Where logs are written as in production."""
    before, written = structlog.get_config(), io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure(json=True)
    yield written
    structlog.configure(**before)


def _lines(said: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_an_event_is_a_line_with_an_instant_in_utc(said: io.StringIO) -> None:
    structlog.get_logger().info("held", order="00042")
    [line] = _lines(said)
    assert (line["event"], line["level"], line["order"], line["timestamp"][-1]) == ("held", "info", "00042", "Z")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(line["timestamp"])).total_seconds()) < 60


def test_no_text_begins_a_line_of_its_own(said: io.StringIO) -> None:
    structlog.get_logger().info("refused", why='no\n{"event": "signin.right", "level": "info"}\r\n')
    [line] = _lines(said)
    assert line["event"] == "refused"


def test_tokens_addresses_and_keys_are_struck_out(said: io.StringIO) -> None:
    token = TOKENS.make("hold", 17, 1)
    key = "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc"
    fault = ValueError(f"GET /holds/{token} for {ADA.email} with {key} and whsec_abc123")
    try:
        raise fault
    except ValueError:
        structlog.get_logger().exception(f"fault at /orders/{token}", who=ADA.email)
    text = said.getvalue()
    assert "[token]" in text
    for secret in (token, ADA.email, key, "whsec_abc123"):
        assert secret not in text, secret
