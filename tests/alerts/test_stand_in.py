"""While the worker is silent, the web processes tell in its place, and do nothing else of its work."""

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from app.checkout.house import House
from app.kernel import heartbeat, outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.mail import MailTrouble
from app.kernel.outbox import Job, JobState
from app.worker.bench import Bench
from app.worker.stand_in import PAUSE, StandIn
from sandbox.client import wait_for
from tests.alerts.conftest import MakeHouse
from tests.browser.post import letter
from tests.browser.running import RunningShop
from tests.cast import NOW, StoppedClock
from tests.worker.test_worker import Postman


@pytest.fixture
def postman(monkeypatch: pytest.MonkeyPatch) -> Postman:
    """Takes what the stand-in sends."""
    made = Postman()
    monkeypatch.setattr("app.worker.stand_in.bench_of", lambda house: Bench(house, made))  # type: ignore[arg-type]  # sends
    return made


@pytest.fixture
def house(make_house: MakeHouse, db: Database) -> House:
    """Somebody is to be told; the worker was alive at NOW."""
    with transaction(db) as session:
        heartbeat.beat(session, heartbeat.WORKER, NOW)
    return make_house(alert_mail="ops@shop.example")


def looked_twice(stand_in: StandIn) -> bool:
    """Two looks, at the same moment."""
    return any([stand_in.step(), stand_in.step()])


def test_it_tells_of_a_silent_worker_and_leaves_its_work(house: House, postman: Postman, clock: StoppedClock, db: Database) -> None:
    with transaction(db) as session:
        outbox.enqueue(session, "mail.reminder", "1", {"reminder": 1}, now=NOW)
    stand_in = StandIn(house)
    clock.forward(seconds=60)
    assert not looked_twice(stand_in)
    clock.forward(seconds=1)
    assert looked_twice(stand_in)
    words = "Needs a person: The worker has been silent for 1 minute: no payment is taken and no mail goes out."
    assert [(each.to, each.subject) for each in postman.sent] == [("ops@shop.example", words)]
    with reading(db) as session:
        rows = session.execute(select(Job.kind, Job.state).order_by(Job.id)).all()
    assert rows == [("mail.reminder", JobState.WAITING), ("alert.mail", JobState.DONE)]


def test_it_tells_once_however_many_web_processes_there_are(house: House, postman: Postman, clock: StoppedClock) -> None:
    several = [StandIn(house) for _ in range(3)]
    for _ in range(5):
        clock.forward(seconds=61)
        for each in several:
            looked_twice(each)
    assert len(postman.sent) == 1


def test_it_is_quiet_while_the_worker_lives(house: House, postman: Postman, clock: StoppedClock, db: Database) -> None:
    stand_in = StandIn(house)
    for _ in range(5):
        clock.forward(seconds=50)
        with transaction(db) as session:
            heartbeat.beat(session, heartbeat.WORKER, clock.now())
        assert not looked_twice(stand_in)
    assert postman.sent == []


def test_a_machine_that_was_asleep_wakes_both(house: House, postman: Postman, clock: StoppedClock, db: Database) -> None:
    stand_in = StandIn(house)
    for _ in range(3):
        clock.forward(hours=8)
        assert not stand_in.step()
        with transaction(db) as session:
            heartbeat.beat(session, heartbeat.WORKER, clock.now())
        clock.forward(seconds=5)
        assert not stand_in.step()
    assert postman.sent == []


def test_who_starts_after_a_long_stop_gives_the_worker_time_to_come_up(
    house: House, postman: Postman, clock: StoppedClock, db: Database
) -> None:
    clock.forward(hours=9)
    stand_in = StandIn(house)
    clock.forward(seconds=59)
    assert not looked_twice(stand_in)
    with transaction(db) as session:
        heartbeat.beat(session, heartbeat.WORKER, clock.now())
    clock.forward(seconds=30)
    assert not looked_twice(stand_in)
    assert postman.sent == []


def test_it_tries_again_when_nobody_could_be_told(house: House, postman: Postman, clock: StoppedClock) -> None:
    postman.trouble = MailTrouble("away", final=False)
    stand_in = StandIn(house)
    clock.forward(seconds=61)
    assert looked_twice(stand_in)
    assert postman.sent == []
    postman.trouble = None
    clock.forward(seconds=31)
    assert looked_twice(stand_in)
    assert len(postman.sent) == 1


class Alerting(RunningShop):
    """A shop whose operator wants to be told."""

    @property
    def env(self) -> dict[str, str]:
        """With one setting more."""
        return super().env | {"ALERT_MAIL": "ops@shop.example"}


def test_a_real_web_server_tells_when_its_worker_is_dead(tmp_path: Path) -> None:
    shop = Alerting(tmp_path / "shop")
    shop.start_stripe()
    try:
        shop.flask("db", "upgrade")
        shop.start_shop()
        shop.programs.end("worker", patience=0)
        shop.forward(minutes=5)
        told = letter(shop.control, "ops@shop.example", "The worker has been silent")
        assert told["subject"].startswith("Needs a person: The worker has been silent for 5 minutes")
        shop.start_worker()
        wait_for(shop.is_up, 60)
        time.sleep(PAUSE + 1)  # until the web process has seen it too
        shop.forward(minutes=11)
        assert letter(shop.control, "ops@shop.example", "Over: The worker has been silent")
        assert len(shop.control.mail(to="ops@shop.example")) == 2
    finally:
        shop.stop()
