"""A higher limit of refunds: asked for on the label's form, and confirmed or taken back there by a second person."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import limit_changes
from app.staff import deed
from app.staff.alone import reason_alone
from app.staff.asking import No
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person, require
from app.staff.label_page import label_page
from app.web import forms
from app.web.house import now, reading, transaction


@bp.post("/labels/<int:label_id>/limit/confirm")
@needs(Deed.LABEL)
@asks_again
def label_limit_confirm(label_id: int) -> ResponseReturnValue:
    """Say yes. Who asked for it and is alone gives their password and a reason."""
    require(label_id, Deed.LABEL)
    change_id = _change_id()
    try:
        why = reason_alone() if _mine(label_id) else ""
        with transaction() as session:
            change = limit_changes.confirm(session, label_id, change_id, person().id, now(), why=why)
            told = "none" if change.wanted is None else change.wanted
            deed.note(session, "label.limit_confirmed", "label", label_id, label_id, refund_limit=told, reason=why or None)
    except No as no:
        return label_page(label_id, no)
    flash(_("The new limit counts from now on."))
    return redirect(url_for("staff.label", label_id=label_id), 303)


@bp.post("/labels/<int:label_id>/limit/take-back")
@needs(Deed.LABEL)
def label_limit_take_back(label_id: int) -> ResponseReturnValue:
    """Say no, or take back one's own."""
    require(label_id, Deed.LABEL)
    change_id = _change_id()
    try:
        with transaction() as session:
            limit_changes.take_back(session, label_id, change_id, now())
            deed.note(session, "label.limit_taken_back", "label", label_id, label_id)
    except No as no:
        return label_page(label_id, no)
    flash(_("Taken back. The limit stays."))
    return redirect(url_for("staff.label", label_id=label_id), 303)


def _change_id() -> int:
    return forms.number("change", label=_("The limit"), least=1, most=10**9)


def _mine(label_id: int) -> bool:
    with reading() as session:
        change = limit_changes.waiting(session, label_id)
        return change is not None and change.asked_by == person().id
