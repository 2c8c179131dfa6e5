"""What was given up, and trying it again."""

from datetime import timedelta

from sqlalchemy import select

from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job, JobState
from tests.builders import paid_order
from tests.cast import NOW
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds


def _kill(db: Database, key: str) -> int:
    with transaction(db) as session:
        job = session.scalars(select(Job).where(Job.key == key)).one()
        job.state, job.attempts, job.finished_at, job.last_error = JobState.DEAD, 14, NOW, "the recipient was refused (550)"
        return job.id


def _job(db: Database, job_id: int) -> Job:
    with reading(db) as session:
        return session.get_one(Job, job_id)


def test_try_again(db: Database, shop: Shop, manager: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    job_id = _kill(db, "mail.confirmed:1")
    page = manager.get("/staff/outbox").text
    assert "the recipient was refused (550)" in page
    assert "Confirmation to the fan" in page
    assert 'href="/staff/orders/1"' in page
    assert manager.get("/staff/").text.count("One job was given up, or is out of tries.") == 1
    assert manager.post(f"/staff/outbox/{job_id}/retry").status_code == 303
    job = _job(db, job_id)
    assert (job.state, job.attempts, job.run_at, job.finished_at) == (JobState.WAITING, 0, NOW, None)
    [deed] = deeds(db, "outbox.retried")
    assert (deed.entity_id, deed.label_id) == (job_id, shop.label_id)
    assert manager.post(f"/staff/outbox/{job_id}/retry").status_code == 409
    assert len(deeds(db, "outbox.retried")) == 1


def test_a_newer_job_does_the_same(db: Database, shop: Shop, manager: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    job_id = _kill(db, "payment.capture:1")
    with transaction(db) as session:
        assert outbox.enqueue(session, "payment.capture", "1", {"payment": 1}, now=NOW)
    assert manager.post(f"/staff/outbox/{job_id}/retry").status_code == 303
    assert _job(db, job_id).state is JobState.DONE
    with reading(db) as session:
        assert len(session.scalars(select(Job).where(Job.key == "payment.capture:1", Job.state == JobState.WAITING)).all()) == 1


def test_others_jobs_and_nobodys(db: Database, shop: Shop, manager: Desk, stranger: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    job_id = _kill(db, "mail.confirmed:1")
    with transaction(db) as session:
        outbox.enqueue(session, "mail.link", "x", {"digest": "abc"}, now=NOW)
    nobodys = _kill(db, "mail.link:x")
    assert "550" not in stranger.get("/staff/outbox").text
    for seat in (stranger, manager):  # neither has a role at every label
        assert seat.post(f"/staff/outbox/{nobodys}/retry").status_code == 404
    assert stranger.post(f"/staff/outbox/{job_id}/retry").status_code == 404
    assert manager.post("/staff/outbox/999/retry").status_code == 404
    assert _job(db, job_id).state is JobState.DEAD


def test_what_moves_money_is_shown_and_goes_on(db: Database, shop: Shop, manager: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    with transaction(db) as session:
        job = session.scalars(select(Job).where(Job.key == "payment.capture:1")).one()
        job.state, job.attempts, job.last_error, job.run_at = JobState.WAITING, 19, "no such key", NOW + timedelta(hours=3)
        job_id = job.id
    page = manager.get("/staff/outbox").text
    assert "no such key" in page
    assert "no, next on 27 Nov 23:00" in page
    assert "One job was given up, or is out of tries." in manager.get("/staff/").text
    assert manager.post(f"/staff/outbox/{job_id}/retry").status_code == 303
    assert (_job(db, job_id).attempts, _job(db, job_id).run_at) == (0, NOW)
