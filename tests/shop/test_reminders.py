"""A reminder: asked for, confirmed by the link alone, withdrawn; looking never changes anything."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.drops import reminders
from app.drops.models import Reminder
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW, TOKENS, StoppedClock
from tests.shop.looking import look

ASK = "/drops/drop-1/reminders"


@pytest.fixture(autouse=True)
def _coming(db: Database) -> None:
    with transaction(db) as session:
        make_drop(session, [make_run(session, make_release(session, make_label(session)))], opens_at=NOW + timedelta(days=1))


def stored(db: Database) -> list[Reminder]:
    """All wishes."""
    with reading(db) as session:
        return list(session.scalars(select(Reminder).order_by(Reminder.id)))


def jobs(db: Database) -> list[str]:
    """What waits in the outbox."""
    with reading(db) as session:
        return list(session.scalars(select(Job.kind).order_by(Job.id)))


def ask(app: Flask, email: str = "Ada+drops@Example.org") -> str:
    """Ask for a reminder; the path of its page."""
    answer = app.test_client().post(ASK, data={"email": email})
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"] == ASK
    return f"/reminders/{TOKENS.make(reminders.KIND, 1, 1)}"


def test_asked_confirmed_and_withdrawn(app: Flask, db: Database) -> None:
    link = ask(app)
    assert "Look into your mail." in look(app, ASK).text
    assert jobs(db) == [reminders.CONFIRM_ADDRESS]
    page = look(app, link)
    assert "Shall we remind Ada+drops@example.org?" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert stored(db)[0].confirmed_at is None
    confirmed = app.test_client().post(link)
    assert (confirmed.status_code, confirmed.headers["Location"]) == (303, link)
    assert stored(db)[0].confirmed_at == NOW
    assert "We will tell you." in look(app, link).text
    gone = app.test_client().post(f"{link}/withdraw")
    assert gone.status_code == 303
    assert "your address deleted" in look(app, gone.headers["Location"]).text
    assert stored(db) == []
    assert look(app, link).status_code == 404
    assert app.test_client().post(link).status_code == 404


def test_asking_twice_is_one_wish_and_looks_the_same(app: Flask, db: Database) -> None:
    ask(app)
    ask(app, "ada@example.org")
    assert len(stored(db)) == 1
    assert jobs(db) == [reminders.CONFIRM_ADDRESS]


def test_an_old_link_never_opens_somebody_elses_wish(app: Flask, db: Database) -> None:
    link = ask(app)
    app.test_client().post(f"{link}/withdraw")
    app.test_client().post(ASK, data={"email": "ben@example.org"})
    assert [wish.id for wish in stored(db)] == [2]
    assert look(app, link).status_code == 404
    assert app.test_client().post(f"{link}/withdraw").status_code == 404
    assert len(stored(db)) == 1


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\r\nBcc: x@y.z", "x" * 300]
)
def test_what_is_no_address_is_asked_for_again(app: Flask, db: Database, email: str) -> None:
    answer = app.test_client().post(ASK, data={"email": email})
    assert answer.status_code == 422
    assert "Look at the address again." in answer.text
    assert 'id="e-email"' in answer.text
    assert stored(db) == []
    assert jobs(db) == []


@pytest.mark.usefixtures("unchecked")  # no worker has sent the mail for a day
def test_no_reminder_once_it_has_opened(app: Flask, db: Database, clock: StoppedClock) -> None:
    link = ask(app)
    clock.set(NOW + timedelta(days=1))
    answer = app.test_client().post(ASK, data={"email": "ben@example.org"})
    assert answer.status_code == 409
    assert '<a class="verb verb-loud" href="/drops/drop-1">' in answer.text
    assert len(stored(db)) == 1
    assert "It has opened." in look(app, link).text


def test_one_network_may_not_ask_for_everybody(app: Flask, db: Database) -> None:
    client = app.test_client()
    answers = [client.post(ASK, data={"email": f"fan{n}@example.org"}).status_code for n in range(21)]
    assert answers == [303] * 20 + [429]
    assert len(stored(db)) == 20
    assert "Retry-After" in client.post(ASK, data={"email": "more@example.org"}).headers


@pytest.mark.parametrize(
    "token", ["1", "1-" + "x" * 27, TOKENS.make("hold", 1, 1), TOKENS.make(reminders.KIND, 2, 1), "%00", "ffffffffffffffff-a"]
)
def test_other_tokens_open_nothing(app: Flask, db: Database, token: str) -> None:
    ask(app)
    client = app.test_client()
    answers = [client.get(f"/reminders/{token}"), client.post(f"/reminders/{token}"), client.post(f"/reminders/{token}/withdraw")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert stored(db)[0].confirmed_at is None


def test_another_sites_page_cannot_ask(app: Flask, db: Database) -> None:
    answer = app.test_client().post(ASK, data={"email": "ada@example.org"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert stored(db) == []


def test_programs_get_json(app: Flask) -> None:
    accept = {"Accept": "application/json"}
    assert app.test_client().post(ASK, data={"email": "ada@example.org"}, headers=accept).status_code == 202
    answer = app.test_client().post(ASK, data={"email": "ada"}, headers=accept)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
