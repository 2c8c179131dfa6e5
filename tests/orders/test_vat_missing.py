"""What older code sells while an upgrade is under way is noted as not taxed, once."""

from sqlalchemy import delete, select

from app.kernel.db import Database, reading, transaction
from app.orders import vat_missing
from app.orders.vat_models import OrderTax, TaxedAs
from tests.builders import keep_vat, open_drop, paid_order
from tests.cast import BEN


def test_orders_without_a_word_get_one(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db)
    paid_order(db, drop, {run: 1})
    bare = paid_order(db, drop, {run: 2}, BEN)
    with transaction(db) as session:
        session.execute(delete(OrderTax).where(OrderTax.order_id == bare.id))
    with transaction(db) as session:
        assert vat_missing.missing(session) == [bare.id]
        assert vat_missing.note(session) == 1
        assert vat_missing.note(session) == 0
    with reading(db) as session:
        rows = session.scalars(select(OrderTax).order_by(OrderTax.id)).all()
    assert [row.taxed_as for row in rows] == [TaxedAs.HOME] * 2 + [TaxedAs.UNSAID] * 2
    assert [(row.order_id, row.net, row.tax) for row in rows[2:]] == [(bare.id, 4800, 0), (bare.id, 195, 0)]
