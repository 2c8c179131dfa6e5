"""The page of who a label is, with its form, and with the limit of refunds that waits for a second person."""

from flask import Response

from app.reports import desk_labels
from app.reports.limit_wait import limit_wait
from app.staff.asking import No, form_page
from app.staff.guard import person
from app.staff.label_form import choices
from app.staff.label_tabs import tabs_of
from app.web.house import now, reading


def label_page(label_id: int, no: No | None = None) -> Response:
    """The page, or why something was refused."""
    with reading() as session:
        page = desk_labels.desk(session, label_id)
        waits = limit_wait(session, label_id, person().id, now())
    lock, values = page.currency_lock, {"why": "", **page.values}
    return form_page("staff/label.html", no, values, page=page, tabs=tabs_of(page), currency_lock=lock, waits=waits, **choices())
