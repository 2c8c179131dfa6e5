"""A fan is erased while an order of theirs settles: the order keeps its address until it has left, whoever comes first."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory import holds
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState
from app.privacy import emptying, erasing, erasures, held_back
from app.privacy.models import Erasure
from app.worker import erasing as worker
from tests.builders import open_attempt, open_drop, settle_as, take_with_details
from tests.cast import ADA, NOW
from tests.privacy.people import asks, letters_go
from tests.races.rivals import Rival, at_statement

pytestmark = pytest.mark.race

DUE = NOW + erasures.GRACE
KEPT = (ADA.email, "Ada Lovelace", "Prüfweg 1")


@pytest.fixture
def late(db: Database) -> CheckoutAttempt:
    """A hold of Ada's that is over, whose payment seems to have failed; and her wish to be erased."""
    drop, run = open_drop(db)
    hold = take_with_details(db, drop, {run: 1})
    attempt = open_attempt(db, hold.id)
    with transaction(db) as session:
        mine = session.get_one(CheckoutAttempt, attempt.id)
        mine.state, mine.ended_at = AttemptState.FAILED, NOW
        holds.put_back(session, session.get_one(Hold, hold.id), NOW, "machine", "lapsed")
    asks(db)
    letters_go(db, NOW)
    with reading(db) as session:
        return session.get_one(CheckoutAttempt, attempt.id)


def settled_just_before(db: Database, attempt: CheckoutAttempt, monkeypatch: pytest.MonkeyPatch) -> None:
    """The money comes after the worker has looked what there is to erase, and before it does."""
    whole = erasing.left

    def then_comes_the_money(session: Session, erasure: Erasure) -> list[int]:
        found = whole(session, erasure)
        settle_as(db, attempt, now=DUE)
        return found

    monkeypatch.setattr(erasing, "left", then_comes_the_money)


def what_stands(db: Database) -> list[tuple[str, str, str]]:
    """Who the orders are for."""
    letters_go(db, DUE)
    with reading(db) as session:
        return [(order.email, order.name, order.line1) for order in session.scalars(select(Order))]


def test_an_order_that_came_in_between_is_seen(db: Database, late: CheckoutAttempt, monkeypatch: pytest.MonkeyPatch) -> None:
    settled_just_before(db, late, monkeypatch)
    worker.work(db, DUE)
    assert what_stands(db) == [KEPT]


def test_without_looking_again_it_would_lose_its_address(
    db: Database, late: CheckoutAttempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what was seen before the lock does not count."""
    settled_just_before(db, late, monkeypatch)
    monkeypatch.setattr(held_back, "all_of_it", lambda *_: None)
    worker.work(db, DUE)
    assert what_stands(db) == [("", "", "")]


def test_money_that_comes_during_the_emptying_waits_for_it(db: Database, late: CheckoutAttempt) -> None:
    """The hold is locked by both: the order is made afterwards, of what Stripe knows of its buyer."""
    rival = Rival(lambda: settle_as(db, late, now=DUE))
    with at_statement(db, r"UPDATE checkout_attempts", rival), transaction(db) as session:
        emptying.empty(session, late.hold_id, None, DUE)
        assert not rival.inside
    rival.finish()
    assert what_stands(db) == [KEPT]
