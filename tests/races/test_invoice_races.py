"""Two invoices of one label at once: each number once, and none left out, also when one of the two is given up."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout import invoices
from app.kernel.db import Database, reading
from app.orders.vat_models import Invoice, InvoiceKind
from tests.builders import end_payment, keep_vat, open_attempt, open_drop, settle_as, take_with_details
from tests.cast import ADA, BEN
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

WRITES = r"INSERT INTO invoices"


def _two_payments(db: Database) -> tuple[int, int]:
    """Ada's and Ben's, authorised."""
    drop, run = open_drop(db)
    keep_vat(db, invoices=True)
    found = [settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}, who).id)) for who in (ADA, BEN)]
    ada, ben = (payment.id for payment in found if payment is not None)
    return ada, ben


def _both(db: Database, *, ours_fails: bool = False) -> tuple[list[int], Any]:
    """The numbers that were given, and what the rival was told."""
    ada, ben = _two_payments(db)
    rival = Rival(lambda: end_payment(db, ben))
    with at_statement(db, WRITES, rival):
        try:
            end_payment(db, ada)
        except Exception:
            if not ours_fails:
                raise
    said = rival.finish()
    with reading(db) as session:
        return list(session.scalars(select(Invoice.number).order_by(Invoice.number))), said


def test_two_at_once_have_two_numbers(db: Database) -> None:
    assert _both(db) == ([1, 2], None)


def test_one_that_is_given_up_gives_its_number_back(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = invoices._keep, []

    def fails_first(*given: Any, **named: Any) -> Invoice:
        made = real(*given, **named)
        if not seen:
            seen.append(made.number)
            raise RuntimeError("the disk is full")
        return made

    ada, ben = _two_payments(db)
    monkeypatch.setattr(invoices, "_keep", fails_first)
    with pytest.raises(RuntimeError):
        end_payment(db, ada)
    for payment in (ben, ada):
        end_payment(db, payment)
    with reading(db) as session:
        assert (seen, list(session.scalars(select(Invoice.number).order_by(Invoice.id)))) == ([1], [1, 2])


def _look_then_count(session: Session, label_id: int, kind: InvoiceKind) -> int:
    """As one writes it at first: the highest number and one."""
    mine = (Invoice.label_id == label_id, Invoice.kind == kind)
    return (session.scalar(select(func.max(Invoice.number)).where(*mine)) or 0) + 1


def test_control_without_the_counter(db: Database, unchecked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoices, "_number", _look_then_count)
    with no_locks(db) as bare:
        numbers, said = _both(bare, ours_fails=True)
    assert numbers == [1], "without the counter both take number 1, and the unique key lets one of the two paid orders go without"
    assert said is None
