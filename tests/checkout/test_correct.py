"""Correcting an address, without the pages."""

import pytest
from sqlalchemy import func, select

from app.checkout.correct import correct_email, send_again
from app.checkout.owned import owned_by_email
from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict, NotFound
from app.orders.models import Order
from app.orders.placing import cancel
from tests.builders import open_drop, paid_order
from tests.cast import ADA, BEN, NOW


def test_each_sending_has_a_number_of_its_own(db: Database) -> None:
    drop_id, run_id = open_drop(db)
    order = paid_order(db, drop_id, {run_id: 1})
    for again in (1, 2):
        with transaction(db) as session:
            assert send_again(session, order.id, NOW) is True
            assert send_again(session, order.id, NOW) is False
        with transaction(db) as session:
            jobs = outbox.lease(session, "tests", NOW, limit=50)
            assert [job.payload.get("again") for job in jobs if job.key == f"mail.confirmed:{order.id}:{again}"] == [again]
            for job in jobs:
                outbox.done(session, job, NOW)


def test_refusals_change_nothing(db: Database) -> None:
    drop_id, run_id = open_drop(db)
    order = paid_order(db, drop_id, {run_id: 1})
    with transaction(db) as session, pytest.raises(BadInput):
        correct_email(session, order.id, "nobody", NOW)
    with transaction(db) as session, pytest.raises(Conflict):
        correct_email(session, order.id, f" {order.email} ", NOW)
    with transaction(db) as session, pytest.raises(NotFound):
        correct_email(session, 99, "a@example.org", NOW)
    with reading(db) as session:
        found = session.get_one(Order, order.id)
    assert (found.email, found.generation) == (order.email, 1)


def test_an_address_that_has_its_share_may_get_the_mails_of_another_order(db: Database) -> None:
    """What was bought under an address counts for that one, then and later; whom we write to is another matter."""
    drop_id, run_id = open_drop(db, limit=1)
    paid_order(db, drop_id, {run_id: 1}, ADA)
    order = paid_order(db, drop_id, {run_id: 1}, BEN)
    with transaction(db) as session:
        correct_email(session, order.id, ADA.email, NOW)
    for email, owned in ((ADA.email, 1), (BEN.email, 1)):
        with reading(db) as session:
            assert owned_by_email(session, drop_id, email, besides=0) == {run_id: owned}


def test_a_cancelled_order_is_not_confirmed_again(db: Database, unchecked: None) -> None:
    drop_id, run_id = open_drop(db)
    order = paid_order(db, drop_id, {run_id: 1})
    with transaction(db) as session:
        cancel(session.get_one(Order, order.id), NOW, "tests")
    with transaction(db) as session, pytest.raises(Conflict):
        send_again(session, order.id, NOW)
    with transaction(db) as session:
        assert correct_email(session, order.id, "other@example.org", NOW).email == "other@example.org"
        assert session.scalar(select(func.count()).where(outbox.Job.kind == "mail.confirmed")) == 1
