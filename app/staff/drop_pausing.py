"""Pausing a drop with a reason that fans read, and resuming it."""

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.drops import pausing
from app.kernel.errors import BadInput, Conflict
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.drops import mine, page_of
from app.staff.guard import needs
from app.web.house import now, transaction


@bp.get("/drops/<int:drop_id>/pause")
@needs(Deed.MAKE)
def drop_pause_ask(drop_id: int) -> ResponseReturnValue:
    """Ask why."""
    return _pause(drop_id)


@bp.post("/drops/<int:drop_id>/pause")
@needs(Deed.MAKE)
def drop_pause(drop_id: int) -> ResponseReturnValue:
    """Stop new holds, and tell fans why."""
    try:
        form = Form()
        reason = form.text("reason", "The reason", most=300)
        form.check()
        with transaction() as session:
            row = mine(session, drop_id)
            pausing.pause(session, drop_id, reason, now())
            deed.note(session, "drop.paused", "drop", drop_id, row.label_id, reason=reason)
    except (BadInput, Conflict) as no:
        return _pause(drop_id, no)
    return redirect(url_for("staff.drop", drop_id=drop_id), 303)


@bp.post("/drops/<int:drop_id>/resume")
@needs(Deed.MAKE)
def drop_resume(drop_id: int) -> ResponseReturnValue:
    """Let fans take copies again."""
    with transaction() as session:
        row = mine(session, drop_id)
        pausing.resume(session, drop_id, now())
        deed.note(session, "drop.resumed", "drop", drop_id, row.label_id)
    return redirect(url_for("staff.drop", drop_id=drop_id), 303)


def _pause(drop_id: int, no: No | None = None) -> Response:
    page = page_of(drop_id)
    if page.stage not in pausing.GOING:
        raise Conflict("Only a published drop that is not over can be paused.")
    return form_page("staff/drop_pause.html", no, {"reason": page.pause_reason}, page=page)
