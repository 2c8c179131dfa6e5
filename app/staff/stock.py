"""A run copy by copy, one copy with its history, and taking a copy off sale or putting it back."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from app.accounts.roles import Deed
from app.catalogue.models import Release, Run
from app.inventory import claims
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.errors import NotFound
from app.reports import copy_page, run_names, run_stock
from app.reports.count_page import counts_of
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.deed import note
from app.staff.guard import actor, needs, person, require
from app.web import forms
from app.web.house import now, reading, transaction

REASONS = {"damaged": "damaged", "lost": "lost", "promo": "promo", "artist": "artist's share", "other": "other"}


@bp.get("/runs/<int:run_id>/stock")
@needs(Deed.SEE)
def stock(run_id: int) -> ResponseReturnValue:
    """The strip and the table, by state, a hundred copies at a time."""
    state, at = queries.choice("state", CopyState), queries.page()
    with reading() as session:
        whole = joinedload(Run.release)
        run = session.get(Run, run_id, options=[whole.joinedload(Release.label), whole.joinedload(Release.artist)])
        if run is None:
            raise NotFound("There is no such run.")
        require(run.release.label_id, Deed.SEE)
        page = run_stock.run_stock(session, run, state, at)
        counted, may = counts_of(session, run.id), person().may(run.release.label_id, Deed.MAKE)
    return render_template("staff/stock.html", page=page, state=state, states=list(CopyState), counts=counted, may_manage=may)


@bp.get("/copies/<int:copy_id>")
@needs(Deed.SEE)
def copy(copy_id: int) -> ResponseReturnValue:
    """One copy with every movement."""
    with reading() as session:
        found, label_id = copy_of(session, copy_id, Deed.SEE)
        page = copy_page.copy_page(session, found)
    may = person().may(label_id, Deed.MAKE)
    return render_template("staff/copy.html", page=page, may_manage=may, reasons=list(REASONS.items()))


@bp.post("/copies/<int:copy_id>/withdraw")
@needs(Deed.MAKE)
def copy_withdraw(copy_id: int) -> ResponseReturnValue:
    """Take a free copy off sale; the movement keeps reason and words."""
    with transaction() as session:
        _found, label_id = copy_of(session, copy_id, Deed.MAKE)
        reason = forms.one_of("reason", list(REASONS), label="The reason")
        words = forms.text("words", label="Your words", most=200, least=1 if reason == "other" else 0)
        said = f"{REASONS[reason]}: {words}" if words else REASONS[reason]
        number = claims.withdraw(session, copy_id, now(), actor(), said)
        note(session, "copy.withdrawn", "copy", copy_id, label_id, reason=reason, number=number)
        name = run_names.copy_names(session, [copy_id])[copy_id]
    flash(_("%(copy)s is off sale: %(reason)s.", copy=name, reason=REASONS[reason]))
    return redirect(url_for("staff.copy", copy_id=copy_id), 303)


@bp.post("/copies/<int:copy_id>/put-back")
@needs(Deed.MAKE)
def copy_put_back(copy_id: int) -> ResponseReturnValue:
    """Put a withdrawn copy back on sale; why it is here again must be said."""
    with transaction() as session:
        _found, label_id = copy_of(session, copy_id, Deed.MAKE)
        words = forms.text("words", label="The reason", most=200, least=1)
        number = claims.restore(session, copy_id, now(), actor(), words)
        note(session, "copy.put_back", "copy", copy_id, label_id, number=number)
        name = run_names.copy_names(session, [copy_id])[copy_id]
    flash(_("%(copy)s is on sale again.", copy=name))
    return redirect(url_for("staff.copy", copy_id=copy_id), 303)


def copy_of(session: Session, copy_id: int, may: Deed) -> tuple[Copy, int]:
    """A copy and its label, if the person may have to do with it."""
    found = session.get(Copy, copy_id)
    if found is None:
        raise NotFound("There is no such copy.")
    label_id = session.get_one(Run, found.run_id).release.label_id
    require(label_id, may)
    return found, label_id
