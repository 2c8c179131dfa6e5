"""What a list of the desk asks of the database: at most so many statements, however long the list."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.accounts.roles import Role
from app.kernel.db import Database, transaction
from app.orders import notes, tags
from tests.builders import disputed, open_drop, paid_order
from tests.cast import NOW, someone
from tests.makers import make_maker, share, spend
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat

MOST = 12
LISTS = (
    "orders", "orders?stage=to-pack", "orders?q=fan", "orders?q=1", "orders?q=fan&from=2020-01-01&before=6&drop={drop}",
    "orders?country=outside&fact=desk-note&tag=1", "packing", "packing/ship", "packing/parcel-slips", "search?q=fan",
    "search?q=an", "outbox", "audit", "books", "drops", "releases", "artists", "postage", "people", "differences",
    "runs/{run}/stock", "books/fees?span=this-year", "books/sell-through", "makers", "makers/1?span=this-year",
    "makers/1/lines?span=this-year",
)  # fmt: skip


@contextmanager
def _asked(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lower().startswith(("begin", "select pg_catalog", "show ")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def busy(db: Database, shelf: Shelf, seat_of: Callable[[Role], Seat]) -> Seat:
    """An owner of a label that has sold: orders of each kind, one disputed, noted and tagged, and deeds of the desk."""
    owner = seat_of(Role.OWNER)
    orders = [paid_order(db, shelf.drop, {shelf.run: 1}, someone(f"fan{n}")) for n in range(6)]
    disputed(db, orders[0].id)
    with transaction(db) as session:
        tag = tags.named(session, shelf.label, "gift")
        for order in orders:
            tags.put(session, order.id, tag.id)
            notes.write(session, order.id, owner.staff_id, "Look twice.", NOW, on_slip=True)
    for order in orders[3:]:
        assert owner.post(f"/staff/orders/{order.id}/pack").status_code == 303
    assert owner.post(f"/staff/orders/{orders[5].id}/ship", {"carrier": "DHL", "tracking": "JJD1"}).status_code == 303
    open_drop(db, size=3)
    maker = make_maker(db, "Mira", shelf.label)
    share(db, maker, 5000, run_id=shelf.run)
    spend(db, 1000, run_id=shelf.run)
    return owner


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_at_most_twelve_statements(db: Database, shelf: Shelf, busy: Seat, path: str) -> None:
    address = f"/staff/{path.format(run=shelf.run, drop=shelf.drop)}"
    busy.get(address)
    with _asked(db) as seen:
        assert busy.get(address).status_code == 200
    assert len(seen) <= MOST, "\n".join(seen)
