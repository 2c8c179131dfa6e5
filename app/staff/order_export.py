"""Orders as CSV; each export is noted in the audit log, for it holds addresses."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy import func, select

from app.orders.models import Order
from app.reports import order_csv
from app.staff import deed as deed_log
from app.web.house import now, transaction


def export(ids: Sequence[int], **detail: Any) -> Response:
    """These orders, which the person may export."""
    with transaction() as session:
        text = order_csv.order_csv(session, ids)
        counted = select(Order.label_id, func.count()).where(Order.id.in_(ids)).group_by(Order.label_id)
        for label_id, count in session.execute(counted).all():
            deed_log.note(session, "orders.exported", "label", label_id, label_id, orders=count, **detail)
    name = f"orders-{now():%Y-%m-%d}.csv"
    # The byte order mark makes spreadsheets read it as UTF-8.
    answer = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
