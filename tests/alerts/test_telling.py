"""A person is told once that something began and once that it is over, by mail and webhook, through the outbox."""

from typing import Any

import pytest
from sqlalchemy import select, text, update

from app.accounts import people
from app.accounts.roles import Role
from app.alerts import checks
from app.kernel import heartbeat, outbox
from app.kernel.alerts import Alert
from app.kernel.db import Database, reading, transaction
from app.kernel.mail import Letter, MailTrouble
from app.kernel.outbox import Job, JobState
from app.worker import Bench, Worker, alerting
from tests.alerts.conftest import Listener, MakeHouse
from tests.builders import make_label
from tests.cast import NOW, StoppedClock
from tests.staff.seat import make_staff
from tests.worker.test_worker import Postman


@pytest.fixture
def staffed(db: Database) -> tuple[int, int]:
    """Two labels: Olga owns both, Otto the second, Manu manages the first; Gone owned it."""
    with transaction(db) as session:
        first, second = make_label(session).id, make_label(session).id
        heartbeat.beat(session, heartbeat.WORKER, NOW)
    make_staff(db, "Olga", {first: Role.OWNER, second: Role.OWNER})
    make_staff(db, "Otto", {second: Role.OWNER})
    make_staff(db, "Manu", {first: Role.MANAGER})
    gone = make_staff(db, "Gone", {first: Role.OWNER})
    with transaction(db) as session:
        people.disable(session, gone, NOW)
    return first, second


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> list[checks.Found]:
    """What the only check finds, until a test changes it."""
    now: list[checks.Found] = []
    monkeypatch.setattr("app.alerts.CHECKS", (checks.Check("made", "up", lambda *_: list(now)),))
    return now


def worker(make_house: MakeHouse, postman: Postman, **settings: Any) -> Worker:
    """A worker that looks when it is told to."""
    return Worker(Bench(make_house(**settings), postman))  # type: ignore[arg-type]  # sends, and that is all


def looked(working: Worker) -> None:
    """One look, and everything that is to be told because of it."""
    house = working.bench.house
    alerting.look(house, house.clock.now())
    working.hands[-1].work(50)


def mails(postman: Postman) -> list[tuple[str, str]]:
    """Who was sent what, and forget it."""
    sent = sorted((letter.to, letter.subject) for letter in postman.sent)
    postman.sent.clear()
    return sent


@pytest.mark.usefixtures("staffed")
def test_owners_are_told_once_and_told_when_it_is_over(
    make_house: MakeHouse, only: list[checks.Found], clock: StoppedClock, db: Database
) -> None:
    postman = Postman()
    working = worker(make_house, postman)
    only.append(checks.Found("made/1", "The roof leaks."))
    looked(working)
    assert mails(postman) == [
        ("olga@tinsel.example", "Needs a person: The roof leaks."),
        ("otto@tinsel.example", "Needs a person: The roof leaks."),
    ]
    with reading(db) as session:
        assert session.scalars(select(Alert.told_at)).all() == [NOW]
    for _ in range(3):
        clock.forward(minutes=1)
        looked(working)
    assert mails(postman) == []
    only.clear()
    clock.forward(minutes=9)
    looked(working)
    assert mails(postman) == [], "it may come back"
    clock.forward(minutes=1)
    looked(working)
    assert mails(postman) == [
        ("olga@tinsel.example", "Over: The roof leaks."),
        ("otto@tinsel.example", "Over: The roof leaks."),
    ]
    clock.forward(minutes=30)
    looked(working)
    assert mails(postman) == []


def test_a_label_s_owners_are_told_of_their_label(
    make_house: MakeHouse, only: list[checks.Found], staffed: tuple[int, int]
) -> None:
    postman = Postman()
    only += [checks.Found("made/1", "One.", staffed[0]), checks.Found("made/2", "Two.", staffed[1])]
    looked(worker(make_house, postman))
    assert mails(postman) == [
        ("olga@tinsel.example", "Needs a person: One."),
        ("olga@tinsel.example", "Needs a person: Two."),
        ("otto@tinsel.example", "Needs a person: Two."),
    ]


@pytest.mark.usefixtures("staffed")
def test_a_setting_says_who_is_told_instead(make_house: MakeHouse, only: list[checks.Found]) -> None:
    postman = Postman()
    only.append(checks.Found("made", "The roof leaks."))
    looked(worker(make_house, postman, alert_mail="ops@shop.example, night@shop.example"))
    assert [to for to, _ in mails(postman)] == ["night@shop.example", "ops@shop.example"]


@pytest.mark.usefixtures("staffed")
def test_what_the_mail_says(make_house: MakeHouse, only: list[checks.Found], clock: StoppedClock) -> None:
    postman = Postman()
    working = worker(make_house, postman, alert_mail="ops@shop.example", base_url="https://shop.tinsel.example")
    only.append(checks.Found("made/1", "2 <jobs> were given up.", None, "/staff/outbox"))
    looked(working)
    (letter,) = postman.sent
    assert letter.key == "alert.mail.1.open.address-0"
    assert letter.text == (
        "This needs a person:\n2 <jobs> were given up.\n\n"
        "Since Friday 27 November, 20:00 in Berlin. You are told once, and again when it is over.\n\n"
        "The desk:\nhttps://shop.tinsel.example/staff/outbox\n\n-- \nshop.tinsel.example\n"
    )
    assert "2 &lt;jobs&gt; were given up." in letter.html
    assert 'href="https://shop.tinsel.example/staff/outbox"' in letter.html
    only.clear()
    clock.forward(minutes=10)
    looked(working)
    over: Letter = postman.sent[-1]
    assert over.key == "alert.mail.1.over.address-0"
    assert over.text.startswith(
        "It is over:\n2 <jobs> were given up.\n\n"
        "It began on Friday 27 November, 20:00 in Berlin and was over on Friday 27 November, 20:10 in Berlin.\n"
    )


@pytest.mark.usefixtures("staffed")
def test_what_the_webhook_is_told(make_house: MakeHouse, only: list[checks.Found], clock: StoppedClock, listener: Listener) -> None:
    working = worker(make_house, Postman(), alert_webhook_url=listener.url, base_url="https://shop.tinsel.example")
    only.append(checks.Found("made/1", "The roof leaks."))
    looked(working)
    line = "Needs a person: The roof leaks. https://shop.tinsel.example/staff/"
    assert listener.heard == [
        (
            "alert.webhook:1:open",
            {
                "id": "made/1",
                "state": "open",
                "what": "The roof leaks.",
                "since": "2026-11-27T19:00:00+00:00",
                "until": None,
                "link": "https://shop.tinsel.example/staff/",
                "text": line,
                "content": line,
            },
        )
    ]
    only.clear()
    clock.forward(minutes=10)
    looked(working)
    key, body = listener.heard[-1]
    assert (len(listener.heard), key, body["state"]) == (2, "alert.webhook:1:over", "over")
    assert body["until"] == "2026-11-27T19:10:00+00:00"
    assert body["content"].startswith("Over: ")


@pytest.mark.usefixtures("staffed")
@pytest.mark.parametrize(
    ("status", "state"),
    [(200, JobState.DONE), (302, JobState.DEAD), (404, JobState.DEAD), (429, JobState.WAITING), (503, JobState.WAITING)],
)
def test_a_webhook_that_does_not_take_it(
    make_house: MakeHouse, only: list[checks.Found], listener: Listener, db: Database, status: int, state: JobState
) -> None:
    listener.status = status
    only.append(checks.Found("made", "The roof leaks."))
    looked(worker(make_house, Postman(), alert_webhook_url=listener.url))
    with reading(db) as session:
        job = session.scalars(select(Job).where(Job.kind == "alert.webhook")).one()
    said = None if state is JobState.DONE else f"the webhook's address answered {status}"
    assert (job.state, job.last_error, len(listener.heard)) == (state, said, 1)


@pytest.mark.usefixtures("staffed")
def test_nothing_is_lost_while_nobody_can_be_told(
    make_house: MakeHouse, only: list[checks.Found], clock: StoppedClock, db: Database, listener: Listener
) -> None:
    postman = Postman(MailTrouble("the server is away", final=False))
    nobody = "http://127.0.0.1:9/hooks/a-secret-word"
    working = worker(make_house, postman, alert_webhook_url=nobody, alert_mail="ops@shop.example")
    only.append(checks.Found("made", "The roof leaks."))
    looked(working)
    with reading(db) as session:
        assert session.scalars(select(Alert.told_at)).all() == [None]
        errors = session.scalars(select(Job.last_error).order_by(Job.id)).all()
    assert errors == ["the server is away", "the webhook's address does not answer: ConnectionError"]
    assert "secret" not in str(errors), "the address is as good as a password"
    postman.trouble = None
    working = worker(make_house, postman, alert_webhook_url=listener.url, alert_mail="ops@shop.example")
    clock.forward(minutes=5)
    working.hands[-1].work(50)
    assert mails(postman) == [("ops@shop.example", "Needs a person: The roof leaks.")]
    assert [key for key, _ in listener.heard] == ["alert.webhook:1:open"]


@pytest.mark.usefixtures("staffed")
def test_a_check_that_cannot_look_changes_nothing_and_stops_no_other(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch, clock: StoppedClock
) -> None:
    def broken(session: Any, *_: object) -> list[checks.Found]:
        if clock.now() > NOW:
            session.execute(text("SELECT * FROM nowhere"))
        return [checks.Found("broken/1", "One.")]

    def other(*_: object) -> list[checks.Found]:
        return [] if clock.now() == NOW else [checks.Found("other", "Two.")]

    monkeypatch.setattr("app.alerts.CHECKS", (checks.Check("broken", "", broken), checks.Check("other", "", other)))
    postman = Postman()
    working = worker(make_house, postman, alert_mail="ops@shop.example")
    looked(working)
    clock.forward(minutes=30)
    looked(working)
    assert [subject for _, subject in mails(postman)] == ["Needs a person: One.", "Needs a person: Two."]


@pytest.mark.usefixtures("staffed")
def test_the_worker_looks_every_minute(make_house: MakeHouse, clock: StoppedClock, db: Database) -> None:
    with transaction(db) as session:
        outbox.enqueue(session, "mail.reminder", "1", {"reminder": 1}, now=NOW)
        session.execute(update(Job).values(state=JobState.DEAD, last_error="no", finished_at=NOW))
    postman = Postman()
    working = worker(make_house, postman, alert_mail="ops@shop.example")
    for _ in range(3):
        working.step()
        clock.forward(seconds=61)
    assert mails(postman) == [("ops@shop.example", "Needs a person: 1 job was given up.")]
