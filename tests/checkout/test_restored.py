"""After a restore row ids come again: a session that was made for an older attempt of the same id settles nothing."""

from dataclasses import replace

from app.checkout.settle import settle
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.payments.models import CheckoutAttempt
from tests import builders
from tests.cast import NOW


def test_a_session_with_another_key_settles_nothing(db: Database) -> None:
    drop_id, run_id = builders.open_drop(db)
    hold = builders.take_with_details(db, drop_id, {run_id: 1})
    attempt = builders.open_attempt(db, hold.id)
    foreign = replace(builders.facts_of(attempt), attempt_key="session:1:1:0")
    with transaction(db) as session:
        settle(session, attempt.id, foreign, NOW)
    with reading(db) as session:
        assert session.get_one(Hold, hold.id).state == "active"
        assert session.get_one(CheckoutAttempt, attempt.id).state == "open"
