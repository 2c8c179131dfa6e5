"""More came than were made: an edition is made larger by its owner, who is told first what was promised, and says why."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.drops.selling import opening_soon
from app.inventory.pressing import press_more
from app.kernel.errors import BadInput, Conflict
from app.staff import deed
from app.staff.asking import Form
from app.staff.blueprint import bp
from app.staff.delivery import delivery_answer, look, mine
from app.staff.guard import actor, asks_again, needs
from app.web.house import now, transaction

MOST = 500


@bp.post("/runs/<int:run_id>/surplus")
@needs(Deed.LABEL)
@asks_again
def run_surplus(run_id: int) -> ResponseReturnValue:
    """First what it means for the promise, then the deed."""
    page = look(run_id, Deed.LABEL)
    form = Form()
    try:
        more = form.whole("more", "How many more", least=1, most=MOST)
        reason = form.text("reason", "Why", most=200, least=1)
        form.check()
        if "shown" not in request.form:
            return render_template("staff/surplus_check.html", page=page, more=more, reason=reason)
        made = form.whole("shown", "The edition")
        form.check()
        with transaction() as session:
            _check_hour(session, run_id)
            label_id = mine(session, run_id, Deed.LABEL).release.label_id
            numbers = press_more(session, run_id, more, made, now(), actor())
            deed.note(session, "run.edition_enlarged", "run", run_id, label_id, copies=more, before=made, reason=reason)
    except (BadInput, Conflict) as no:
        return delivery_answer(run_id, no)
    flash(_("The edition has № %(first)s to %(last)s as well. They are free.", first=numbers[0], last=numbers[-1]))
    return redirect(url_for("staff.run_delivery", run_id=run_id), 303)


def _check_hour(session: Session, run_id: int) -> None:
    """Conflict in the hour before a drop of the run opens."""
    soon = opening_soon(session, run_id, now())
    if soon:
        raise Conflict(_("“%(drop)s” opens within the hour: until then its counts stay as they are.", drop=soon.title))
