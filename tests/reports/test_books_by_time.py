"""A month's books find their lines by time: they do not look through the orders of all years."""

from datetime import date

import pytest
from sqlalchemy import Subquery, select, text
from sqlalchemy.dialects import sqlite

from app.kernel.db import Database, reading
from app.reports import book_lines, vat_lines
from app.reports.book_period import Period
from app.reports.book_wish import Wish
from app.reports.vat_lines import VatWish

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), "Europe/Berlin")
PAID = "payments USING INDEX ix_payments_state_ended_at (state=? AND ended_at>? AND ended_at<?)"
NOTHING_DUE = "orders USING INDEX ix_orders_nothing_due (label_id=? AND placed_at>? AND placed_at<?)"


def _plan(db: Database, found: Subquery) -> list[str]:
    words = select(found).compile(dialect=sqlite.dialect(paramstyle="named"), compile_kwargs={"render_postcompile": True})
    with reading(db) as session:
        return [row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {words}"), dict.fromkeys(words.params, ""))]


@pytest.mark.parametrize(
    ("found", "by"),
    [
        (book_lines.lines(Wish(1, NOVEMBER)), (PAID, NOTHING_DUE)),
        (vat_lines.lines(VatWish(1, NOVEMBER)), (PAID,)),
    ],
    ids=["books", "VAT"],
)
def test_sales_are_found_by_when_they_count(sqlite_db: Database, found: Subquery, by: tuple[str, ...]) -> None:
    plan = _plan(sqlite_db, found)
    for index in by:
        assert any(index in step for step in plan), plan
    through_all = [step for step in plan if step.endswith("ix_orders_label_id (label_id=?)") or step.startswith("SCAN o")]
    assert not through_all, "\n".join(plan)
