"""What happened to a fan: the page that is read to answer their mail."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports.fan_page import fan_page
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person
from app.web.house import now, reading


@bp.get("/fans/<int:hold_id>")
@needs(Deed.SEE)
def fan(hold_id: int) -> ResponseReturnValue:
    """The fan who made this hold; an address would stand in logs, so it is not in the page's."""
    with reading() as session:
        page = fan_page(session, hold_id, label_ids(Deed.SEE), now())
    return render_template("staff/fan.html", page=page, hold_id=hold_id, may_data=person().anywhere(Deed.FANS))
