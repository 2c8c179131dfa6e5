"""What waits to happen outside, what was given up, and trying it again."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.kernel import outbox as jobs
from app.kernel.errors import NotFound
from app.reports import outbox_page
from app.staff.blueprint import bp
from app.staff.deed import note
from app.staff.guard import label_ids, needs
from app.web.house import now, reading, transaction


@bp.get("/outbox")
@needs(Deed.CORRECT)
def outbox() -> ResponseReturnValue:
    """Dead jobs with their reasons, then those that wait."""
    with reading() as session:
        page = outbox_page.outbox_page(session, label_ids(Deed.CORRECT))
    return render_template("staff/outbox.html", page=page, now=now())


@bp.post("/outbox/<int:job_id>/retry")
@needs(Deed.CORRECT)
def outbox_retry(job_id: int) -> ResponseReturnValue:
    """Try a dead job again."""
    with transaction() as session:
        row = outbox_page.job_row(session, label_ids(Deed.CORRECT), job_id)
        if row is None:
            raise NotFound("There is no such job that is yours to see.")
        waits = jobs.retry(session, job_id, now())
        note(session, "outbox.retried", "job", job_id, row.label_id, kind=row.kind)
    flash(_("It will be tried again at once.") if waits else _("A newer job does the same already, so this one is done with."))
    return redirect(url_for("staff.outbox"), 303)
