"""Stopping a drop before its time with a reason that fans read, and reopening it."""

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.drops import stopping
from app.drops.stages import Stage
from app.kernel.errors import Conflict
from app.staff import drop_reason
from app.staff.asking import No
from app.staff.blueprint import bp
from app.staff.drops import page_of
from app.staff.guard import needs


@bp.get("/drops/<int:drop_id>/close")
@needs(Deed.MAKE)
def drop_close_ask(drop_id: int) -> ResponseReturnValue:
    """Say what stopping does, and ask why."""
    return _stop(drop_id)


@bp.post("/drops/<int:drop_id>/close")
@needs(Deed.MAKE)
def drop_close(drop_id: int) -> ResponseReturnValue:
    """Close it now, and tell fans why."""
    return drop_reason.do(drop_id, stopping.stop, "drop.closed_early", _stop)


@bp.get("/drops/<int:drop_id>/reopen")
@needs(Deed.MAKE)
def drop_reopen_ask(drop_id: int) -> ResponseReturnValue:
    """Ask why it goes on."""
    return _reopen(drop_id)


@bp.post("/drops/<int:drop_id>/reopen")
@needs(Deed.MAKE)
def drop_reopen(drop_id: int) -> ResponseReturnValue:
    """Undo a stop, and tell fans why."""
    return drop_reason.do(drop_id, stopping.reopen, "drop.reopened", _reopen)


def _stop(drop_id: int, no: No | None = None) -> Response:
    page = page_of(drop_id)
    if page.stage is not Stage.RUNNING:
        raise Conflict("Only a drop that is running can be stopped.")
    return drop_reason.ask(
        page,
        no,
        "",
        title=_("Stop %(title)s", title=page.title),
        here=_("Stop"),
        sentences=[
            _("Fans read that the drop is over, and why. Nobody can take a new copy; who holds one now keeps it and may pay."),
            _("You can reopen it until its planned closing time, or at any time if it has none."),
            _("If it is only for a few minutes, pause it instead."),
        ],
        verb=_("Stop it now"),
        tone="danger",
    )


def _reopen(drop_id: int, no: No | None = None) -> Response:
    page = page_of(drop_id)
    if not page.may_reopen:
        raise Conflict("Only a drop that was stopped, and whose planned end is still to come, can be reopened.")
    sentence = _("It sells again at once, to whoever comes. Fans read on its page why it goes on.")
    asked = {"title": _("Reopen %(title)s", title=page.title), "here": _("Reopen"), "verb": _("Reopen it"), "tone": "loud"}
    return drop_reason.ask(page, no, "", sentences=[sentence], **asked)
