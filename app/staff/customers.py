"""The customers of a label as CSV: they are the label's, so it can take them along."""

import io

from flask import Response, render_template, send_file
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import customers as report
from app.reports import desk_labels, sheets
from app.staff import deed
from app.staff.blueprint import bp
from app.staff.guard import asks_again, label_ids, needs
from app.staff.labels import chosen_label
from app.web.house import now, reading, transaction


@bp.get("/customers")
@needs(Deed.FANS)
def customers() -> ResponseReturnValue:
    """How many there are at each label, and a button."""
    with reading() as session:
        labels = [(label, report.count(session, label.id)) for label in desk_labels.rows(session, label_ids(Deed.FANS))]
    return render_template("staff/customers.html", labels=labels, heads=report.HEADS)


@bp.post("/customers.csv")
@needs(Deed.FANS)
@asks_again
def customers_file() -> Response:
    """The file; that it was made is noted, as it holds addresses."""
    label_id = chosen_label(Deed.FANS)
    out = io.BytesIO()  # a hundred bytes for each customer
    with reading() as session:
        sheets.write_csv(report.sheet(session, label_id), out)
        found = report.count(session, label_id)
    with transaction() as session:
        deed.note(session, "customers.exported", "label", label_id, label_id, customers=found)
    out.seek(0)
    return send_file(out, "text/csv; charset=utf-8", as_attachment=True, download_name=f"customers-{now():%Y-%m-%d}.csv")
