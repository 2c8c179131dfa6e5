"""Orders at the desk: the list, and the export."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import order_csv, order_list
from app.reports.order_list import Wish
from app.reports.order_stage import Stage
from app.staff import deed as deed_log
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person
from app.web.house import now, reading, transaction

MOST_EXPORTED = 10_000
KEPT = ("stage", "drop", "q")  # what the links of a list carry on


@bp.get("/orders")
@needs(Deed.SEE)
def orders() -> ResponseReturnValue:
    """The list, newest first."""
    wish = _wish(Deed.SEE)
    with reading() as session:
        page = order_list.order_list(session, wish)
    kept = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return render_template("staff/orders.html", page=page, wish=wish, kept=kept, may_export=person().anywhere(Deed.BOOKS))


@bp.get("/orders/export.csv")
@needs(Deed.BOOKS)
def orders_export() -> ResponseReturnValue:
    """The orders of the list as CSV, all pages of it; noted in the audit log, it holds addresses."""
    wish = _wish(Deed.BOOKS)
    with transaction() as session:
        ids = order_list.all_ids(session, wish, most=MOST_EXPORTED)
        text = order_csv.order_csv(session, ids)
        for label_id in wish.label_ids:
            detail = {"orders": len(ids), "stage": wish.stage, "drop": wish.drop_id}
            deed_log.note(session, "orders.exported", "label", label_id, label_id, **detail)
    name = f"orders-{now():%Y-%m-%d}.csv"
    # The byte order mark makes spreadsheets read it as UTF-8.
    answer = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _wish(may: Deed) -> Wish:
    """Which orders the address asks for."""
    return Wish(
        label_ids=tuple(label_ids(may)),
        stage=queries.choice("stage", Stage),
        drop_id=queries.row_id("drop"),
        typed=queries.typed(),
        before=queries.row_id("before"),
        after=queries.row_id("after"),
    )
