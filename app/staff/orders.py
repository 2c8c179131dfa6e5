"""Orders at the desk: the list, and the export."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.orders import bulk
from app.reports import countries, order_choices, order_list, saved_views
from app.staff import order_asked
from app.staff.blueprint import bp
from app.staff.guard import asks_again, label_ids, needs, person
from app.staff.order_export import export
from app.web.house import reading

MOST_EXPORTED = 10_000


@bp.get("/orders")
@needs(Deed.SEE)
def orders() -> ResponseReturnValue:
    """The list, newest first."""
    query = order_asked.kept()
    with reading() as session:
        choices = order_choices.choices(session, label_ids(Deed.SEE))
        wish = order_asked.wish(Deed.SEE, choices.zone)
        page = order_list.order_list(session, wish)
        views = saved_views.views(session, person().id, wish.label_ids)
    managed = label_ids(Deed.MAKE)
    return render_template(
        "staff/orders.html",
        page=page,
        choices=choices,
        wish=wish,
        query=query,
        kept=order_asked.read(query),
        views=views,
        labels=[pair for pair in choices.labels if pair[0] in managed],
        countries=countries.named(countries.EVERY),
        may_export=person().anywhere(Deed.BOOKS),
        may_fans=person().anywhere(Deed.FANS),
        ticked=request.args.get("tick") == "all",
        most=bulk.MOST,
    )


@bp.get("/orders/export.csv")
@needs(Deed.BOOKS)
@asks_again
def orders_export() -> ResponseReturnValue:
    """The orders of the list as CSV, all pages of it; noted in the audit log, it holds addresses."""
    with reading() as session:
        wish = order_asked.wished(session, Deed.BOOKS)
        ids = order_list.all_ids(session, wish, most=MOST_EXPORTED)
    return export(ids, stage=wish.stage, drop=wish.drop_id)
