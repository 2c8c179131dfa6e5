"""One box that finds a fan, an order, a copy or a parcel; a single exact find opens at once."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import desk_search
from app.reports.desk_search import Hit, Kind
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs
from app.web.house import reading


@bp.get("/search")
@needs(Deed.SEE)
def search() -> ResponseReturnValue:
    """What was found, exact finds first."""
    typed = queries.typed()
    with reading() as session:
        hits = desk_search.find(session, label_ids(Deed.SEE), typed)
    exact = {_address(hit) for hit in hits if hit.exact}
    if len(exact) == 1:
        return redirect(exact.pop(), 303)
    return render_template("staff/search.html", typed=typed, hits=[(hit, _address(hit)) for hit in hits], kinds=list(Kind))


def _address(hit: Hit) -> str:
    """Where a find leads."""
    if hit.kind is Kind.COPY:
        return url_for("staff.copy", copy_id=hit.id)
    if hit.kind is Kind.FAN:
        return url_for("staff.fan", hold_id=hit.id)
    return url_for("staff.order", order_id=hit.id)
