"""Press copies for a run's reserve: they have no number and are not for sale; each can stand for a damaged one."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.inventory.pressing import press_reserve
from app.kernel.errors import BadInput, Conflict
from app.staff import deed
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import actor, needs
from app.staff.runs import mine, page_of
from app.web.house import now, transaction

MOST = 500


@bp.get("/runs/<int:run_id>/reserve")
@needs(Deed.MAKE)
def run_reserve(run_id: int) -> ResponseReturnValue:
    """How many there are, and how many more are to come."""
    page = page_of(run_id)
    if page.pressed_at is None:
        raise Conflict("This run is not pressed yet. Press its numbered copies first, then those of the reserve.")
    return form_page("staff/run_reserve.html", None, {"quantity": 5}, page=page, most=MOST)


@bp.post("/runs/<int:run_id>/reserve")
@needs(Deed.MAKE)
def run_reserve_do(run_id: int) -> ResponseReturnValue:
    """Make them, once for each form."""
    page_of(run_id)
    form = Form()
    try:
        quantity, left = form.whole("quantity", "How many", least=1, most=MOST), form.whole("left", "How many there are")
        form.check()
        with transaction() as session:
            label_id = mine(session, run_id).release.label_id
            press_reserve(session, run_id, quantity, left, now(), actor())
            deed.note(session, "run.reserve_pressed", "run", run_id, label_id, copies=quantity)
    except (BadInput, Conflict) as no:
        return form_page("staff/run_reserve.html", no, {"quantity": ""}, page=page_of(run_id), most=MOST)
    flash(_("The reserve has %(n)s more copies. Print their codes with the others.", n=quantity))
    return redirect(url_for("staff.run", run_id=run_id), 303)
