"""Pausing a drop with a reason that fans read, and resuming it."""

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.drops import pausing
from app.kernel.errors import Conflict
from app.staff import deed, drop_reason
from app.staff.asking import No
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
    return drop_reason.do(drop_id, pausing.pause, "drop.paused", _pause)


@bp.post("/drops/<int:drop_id>/resume")
@needs(Deed.MAKE)
def drop_resume(drop_id: int) -> ResponseReturnValue:
    """Let fans take copies again."""
    with transaction() as session:
        row = mine(session, drop_id)
        pausing.resume(session, drop_id, now())
        deed.note(session, "drop.resumed", "drop", drop_id, row.label_id)
    return drop_reason.back(drop_id)


def _pause(drop_id: int, no: No | None = None) -> Response:
    page = page_of(drop_id)
    if page.stage not in pausing.GOING:
        raise Conflict("Only a published drop that is not over can be paused.")
    sentence = _("Nobody can take a new copy until you resume. Who holds one now keeps it and may pay.")
    asked = {"title": _("Pause %(title)s", title=page.title), "here": _("Pause"), "verb": _("Pause it"), "tone": "loud"}
    return drop_reason.ask(page, no, page.pause_reason, sentences=[sentence], **asked)
