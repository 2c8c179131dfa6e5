"""Setting a label up in the browser: where one is, what can wait, and the end of it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import setting_up
from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.kernel.errors import NotFound
from app.reports import checks_page
from app.staff import deed
from app.staff.blueprint import bp
from app.staff.guard import needs
from app.staff.setup_steps import STEPS, at_hand, first_open, leave, row_of, step_page
from app.web.house import house, now, reading, transaction


@bp.get("/setup")
@needs(Deed.LABEL)
def setup() -> ResponseReturnValue:
    """On with the first step that is not behind."""
    return redirect(url_for(f"staff.setup_{first_open(at_hand().passed)}"), 303)


@bp.post("/setup/later/<step>")
@needs(Deed.LABEL)
def setup_later(step: str) -> ResponseReturnValue:
    """Leave a step for later: the desk has a page for each of them."""
    if step not in STEPS:
        raise NotFound("There is nothing at this address.")
    return leave(step)


@bp.get("/setup/done")
@needs(Deed.LABEL)
def setup_done() -> ResponseReturnValue:
    """What works, what does not yet, and what comes next."""
    here = at_hand()
    with reading() as session:
        rows = checks_page.rows(session, house().settings, now(), [here.label_id])
        label = session.get_one(Label, here.label_id)
        name, zone = label.name, label.time_zone
    return step_page("done", None, {}, rows=rows, label_name=name, zone=zone)


@bp.post("/setup/done")
@needs(Deed.LABEL)
def setup_finish() -> ResponseReturnValue:
    """The end: from now on none of these pages exists."""
    with transaction() as session:
        row = row_of(session)
        setting_up.finish(session, row, now())
        deed.note(session, "label.set_up", "label", row.label_id, row.label_id)
    flash(_("The shop is set up. Next comes something to sell."))
    return redirect(url_for("staff.home"), 303)
