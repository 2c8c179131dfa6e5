"""Who comes while the line is full gets a small page at once; it tries again by itself, with what was sent."""

import json

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.web.busy import BusyPage
from app.web.doorman import Doorman
from app.web.house import of_app


def busy(app: Flask, method: str, path: str, body: bytes = b"", accept: str = "text/html") -> tuple[int, dict[str, str], str]:
    """What the doorman says, once it has learnt what was printed."""
    doorman = app.extensions["runout_doorman"]
    assert isinstance(doorman, Doorman)
    doorman.learn(doorman.pages())
    status, headers, page = doorman.busy(method, path, body, accept, 1.2)
    return status, dict(headers), page.decode()


def test_a_take_is_sent_again_as_it_was(app: Flask) -> None:
    status, headers, page = busy(app, "POST", "/drops/night-bus/holds", b"run=a%26b&quantity=2&evil=%22%3E%3Cscript%3E")
    assert status == 429
    assert 2 <= int(headers["Retry-After"]) <= 4
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert '<form class="verb-form" method="post" action="/drops/night-bus/holds" data-again="' in page
    assert '<input type="hidden" name="run" value="a&amp;b"><input type="hidden" name="quantity" value="2">' in page
    assert "<script>" not in page
    assert "url=/drops/night-bus" in page, "without scripts it leads back to the drop"


def test_a_page_is_looked_at_again(app: Flask) -> None:
    status, _, page = busy(app, "GET", '/drops/<"night-bus">')
    assert status == 429
    assert '<meta http-equiv="refresh" content="' in page
    assert 'href="/drops/&lt;&quot;night-bus&quot;&gt;"' in page
    assert "<form" not in page


@pytest.mark.parametrize(("method", "refreshed"), [("GET", True), ("POST", False)])
def test_before_anything_was_printed_it_is_a_plain_sentence(app: Flask, method: str, refreshed: bool) -> None:
    unread = BusyPage(app, of_app(app).settings)
    status, headers, said = unread.answer(method, "/drops/x/holds", b"", "text/html", 1.2)
    assert (status, dict(headers)["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert ("Refresh" in dict(headers)) is refreshed
    words = (
        "You are in, one moment. More people came in this second than we can serve at once. Nothing is lost: please try again.\n"
    )
    assert said.decode() == words


def test_nothing_is_asked_of_the_database_while_the_line_is_full(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(app, "GET", "/")
    monkeypatch.setattr(Engine, "connect", lambda *_: pytest.fail("the front asked the database"))
    assert app.extensions["runout_doorman"].busy("GET", "/", b"", "text/html", 1.2)[0] == 429
    assert app.extensions["runout_doorman"].busy("POST", "/drops/x/holds", b"", "text/html", 1.2)[0] == 429


def test_not_all_come_again_at_once(app: Flask) -> None:
    waits = {page[2].split('data-again="')[1][:3] for page in (busy(app, "POST", "/drops/x/holds") for _ in range(30))}
    assert len(waits) > 5


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
def test_a_program_is_told_in_its_own_words(app: Flask, accept: str) -> None:
    status, headers, said = busy(app, "POST", "/drops/x/holds", accept=accept)
    assert (status, headers["Content-Type"], json.loads(said)["status"]) == (429, "application/problem+json", 429)
