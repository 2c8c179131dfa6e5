"""What a purchase may cost: statements for each of its steps, as upper bounds, so that nobody asks twice again unnoticed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, select

from app.checkout.sync import hint
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from tests.flows.open_shop import OpenShop

# BEGIN is counted, and everything else that the database is asked; COMMIT is not. Details: the code on the hold is read under its
# lock, whether there is one or not. Receipt and order page: the order is asked for its code, its files, what became of copies
# that had left, whether it makes some good, what it was taxed, its invoices, and what else is in its parcel; the files twice, for
# what comes and for what is there. Sync looks whether a parcel of the fan's is open, under the fan's own lock, and how the
# label keeps VAT, as capture does; with the capture goes the wish to know what Stripe kept.
MOST = {"hold page": 7, "details": 8, "pay": 43, "sync": 31, "capture": 20, "receipt": 28, "order page": 22}


@contextmanager
def _counted(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lower().startswith(("select pg_catalog", "show ")):  # what a new connection asks first
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_what_a_purchase_asks_of_the_database(shop: OpenShop, record_property: Callable[[str, object], None]) -> None:
    ada, found = shop.fan(), {}
    hold = ada.take()
    ada.client.get(hold)
    with _counted(shop.db) as seen:
        assert ada.client.get(hold).status_code == 200
    found["hold page"] = len(seen)
    with _counted(shop.db) as seen:
        assert ada.client.post(f"{hold}/details", data={"country": "JP"}).status_code == 303
    found["details"] = len(seen)
    shown = ada.shown(hold)
    with _counted(shop.db) as seen:
        session = ada.session(ada.press_pay(hold, shown=shown, country="JP"))
    found["pay"] = len(seen)
    assert shop.stripe.pay(session)["outcome"] == "complete"
    with transaction(shop.db) as writer:
        hint(writer, shop.attempts()[0].id, shop.clock.now())
    for job in ("sync", "capture", "receipt"):
        with _counted(shop.db) as seen:
            assert shop.worker.hands[-1].work(1) == 1
        found[job] = len(seen)
    with reading(shop.db) as reader:
        assert reader.scalar(select(Order.number)) == 1
    order = ada.order(hold)
    with _counted(shop.db) as seen:
        assert ada.client.get(order).status_code == 200
    found["order page"] = len(seen)
    assert {step: count for step, count in found.items() if count > MOST[step]} == {}
    record_property("figure", f"statements: {found}")
