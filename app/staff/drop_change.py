"""A change in a drop's last hour: how it is asked for, and how a second person says yes or no."""

from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Run
from app.drops import changes
from app.drops.models import Drop, DropChange
from app.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from app.reports.change_desk import change_desk
from app.staff import deed
from app.staff.alone import reason_alone
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import needs, person, require
from app.web.house import now, reading, transaction

No = BadInput | Conflict | Forbidden


def ask(session: Session, drop: Drop, run: Run | None, wanted: dict[str, Any], at: datetime) -> ResponseReturnValue:
    """Ask a second person for what the form wants of a drop in its last hour; the page where it waits."""
    form = Form()
    why = form.text("why", "Why now", most=300)
    form.check()
    change = changes.ask(session, drop, run, wanted, person().id, why, at)
    deed.note(session, "drop.change_asked", "drop", drop.id, drop.label_id, change=change.id, reason=why)
    flash(_("This drop opens within the hour, so nothing of that has changed yet: somebody else has to say yes."))
    return redirect(url_for("staff.change", change_id=change.id), 303)


@bp.get("/changes/<int:change_id>")
@needs(Deed.MAKE)
def change(change_id: int) -> ResponseReturnValue:
    """What is to change, and who may say yes."""
    return _page(change_id)


@bp.post("/changes/<int:change_id>/confirm")
@needs(Deed.MAKE)
def change_confirm(change_id: int) -> ResponseReturnValue:
    """Say yes. Who asked for it and is alone gives their password and a reason."""
    try:
        why = reason_alone() if _mine(change_id) else ""
        with transaction() as session:
            _found, drop = _of(session, change_id)
            changes.confirm(session, change_id, person().id, now(), why=why)
            deed.note(session, "drop.change_confirmed", "drop", drop.id, drop.label_id, change=change_id, reason=why or None)
    except (BadInput, Conflict, Forbidden) as no:
        return _page(change_id, no)
    flash(_("It is changed."))
    return redirect(url_for("staff.drop", drop_id=drop.id), 303)


@bp.post("/changes/<int:change_id>/take-back")
@needs(Deed.MAKE)
def change_take_back(change_id: int) -> ResponseReturnValue:
    """Say no, or take back one's own."""
    try:
        with transaction() as session:
            _found, drop = _of(session, change_id)
            changes.take_back(session, change_id, now())
            deed.note(session, "drop.change_taken_back", "drop", drop.id, drop.label_id, change=change_id)
    except Conflict as no:
        return _page(change_id, no)
    flash(_("Taken back. Nothing has changed."))
    return redirect(url_for("staff.drop", drop_id=drop.id), 303)


def _of(session: Session, change_id: int) -> tuple[DropChange, Drop]:
    """A change and its drop, if the person may have to do with it."""
    found = session.get(DropChange, change_id)
    if found is None:
        raise NotFound("There is no such change.")
    drop = session.get_one(Drop, found.drop_id)
    require(drop.label_id, Deed.MAKE)
    return found, drop


def _mine(change_id: int) -> bool:
    with reading() as session:
        return _of(session, change_id)[0].asked_by == person().id


def _page(change_id: int, no: No | None = None) -> Response:
    with reading() as session:
        found, _drop = _of(session, change_id)
        page = change_desk(session, found, person().id, now())
    return form_page("staff/drop_change.html", no, {"why": ""}, page=page)
