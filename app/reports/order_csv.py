"""Orders as CSV, for carriers and bookkeeping; no cell can be taken for a formula."""

import csv
import io
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.cells import safe
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.reports.order_rows import OrderRow, rows
from app.reports.run_names import said

HEADS = (
    "number", "stage", "placed", "name", "line1", "line2", "postal_code", "city", "region", "country", "email", "copies", "pieces",
    "weight_g", "hs_codes", "origins", "goods", "postage", "total", "currency", "postage_name", "carrier", "tracking", "note",
)  # fmt: skip
_BATCH = 500


def order_csv(session: Session, order_ids: Sequence[int]) -> str:
    """These orders, a line each after the heads, in the sequence given (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADS)
    for start in range(0, len(order_ids), _BATCH):
        writer.writerows([safe(cell) for cell in line] for line in _lines(session, order_ids[start : start + _BATCH]))
    return out.getvalue()


def _lines(session: Session, ids: Sequence[int]) -> Iterator[tuple[str, ...]]:
    wanted = select(Order).where(Order.id.in_(ids)).options(selectinload(Order.lines).joinedload(OrderLine.run))
    orders = {order.id: order for order in session.scalars(wanted.options(joinedload(Order.label)))}
    for row in rows(session, ids):
        yield _line(orders[row.id], row)


def _line(order: Order, row: OrderRow) -> tuple[str, ...]:
    runs = [line.run for line in order.lines]
    return (
        order.reference,
        row.stage.value,
        f"{order.placed_at:%Y-%m-%dT%H:%M:%SZ}",
        *(order.name, order.line1, order.line2, order.postal_code, order.city, order.region, order.country, order.email),
        said(row.lines),
        str(sum(line.quantity for line in order.lines)),
        str(sum(line.quantity * line.run.weight for line in order.lines)),
        "; ".join(dict.fromkeys(run.hs_code for run in runs if run.hs_code)),
        "; ".join(dict.fromkeys(run.origin for run in runs if run.origin)),
        *(_major(amount, order.currency) for amount in (order.lines_amount, order.postage_amount, order.total_amount)),
        *(order.currency, order.postage_name, row.carrier, row.tracking, order.note),
    )


def _major(amount: int, currency: str) -> str:
    """The amount in major units with a point: 24.00."""
    return str(Money(amount, currency).decimal)
