"""Orders and their numbers: from one, without a gap, apart for each label, and kept by a cancelled order."""

import pytest
from sqlalchemy import select

from app.kernel.db import Database, reading, transaction
from app.kernel.errors import NotFound
from app.orders import placing
from app.orders.models import Order, OrderState
from tests.builders import end_payment, open_attempt, open_drop, paid_order, settle_as, take_with_details
from tests.cast import ADA, BEN, EVE, NOW


def test_numbers_have_no_gaps_and_labels_count_apart(db: Database) -> None:
    first, second = open_drop(db), open_drop(db)
    placed = [paid_order(db, drop, {run: 1}, who) for (drop, run), who in ((first, ADA), (second, ADA), (first, BEN), (first, EVE))]
    assert [(order.label_id, order.number) for order in placed] == [(1, 1), (2, 1), (1, 2), (1, 3)]
    assert placed[3].reference == "00003"


def test_a_cancelled_order_keeps_its_number(db: Database) -> None:
    drop, run = open_drop(db)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id))
    assert payment is not None
    end_payment(db, payment.id, "canceled")
    assert paid_order(db, drop, {run: 1}, BEN).number == 2
    with reading(db) as session:
        [cancelled, placed] = session.scalars(select(Order).order_by(Order.number)).all()
    assert (cancelled.state, cancelled.cancelled_at, placed.state) == (OrderState.CANCELLED, NOW, OrderState.PLACED)
    assert "let the payment go" in cancelled.cancel_reason


def test_a_settlement_that_fails_uses_up_no_number(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, run = open_drop(db)
    attempt = open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)
    number = placing.number

    def breaks(session: object, order: Order) -> None:
        number(session, order)  # type: ignore[arg-type]
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(placing, "number", breaks)
        with pytest.raises(ZeroDivisionError):
            settle_as(db, attempt)
    with reading(db) as session:
        assert session.scalars(select(Order)).all() == []
    payment = settle_as(db, attempt)
    assert payment is not None
    with reading(db) as session:
        assert session.scalars(select(Order.number)).all() == [1]


def test_an_unknown_order_is_not_found(db: Database) -> None:
    with transaction(db) as session, pytest.raises(NotFound):
        placing.locked(session, 4711)
