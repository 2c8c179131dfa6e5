"""How far a pre-order has come, at the desk: say it, look at the mail it makes, and take it back before that leaves."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import making_changes
from app.catalogue.making import WORDS, Step
from app.catalogue.promises import of_month
from app.kernel.errors import BadInput, Conflict
from app.reports import making_desk, making_letter
from app.staff import deed
from app.staff.asking import No, form_page
from app.staff.blueprint import bp
from app.staff.guard import actor, needs
from app.staff.making_form import read
from app.staff.runs import mine, page_of
from app.web.house import house, now, reading, transaction


@bp.get("/runs/<int:run_id>/making")
@needs(Deed.MAKE)
def run_making(run_id: int) -> ResponseReturnValue:
    """Where it stands, who waits for it, and what they were told."""
    page = page_of(run_id)
    with reading() as session:
        made = making_desk.making_desk(session, run_id)
    return render_template("staff/making.html", page=page, made=made)


@bp.get("/runs/<int:run_id>/making/change")
@needs(Deed.MAKE)
def run_making_change(run_id: int) -> ResponseReturnValue:
    """The form."""
    return _form(run_id)


@bp.post("/runs/<int:run_id>/making/check")
@needs(Deed.MAKE)
def run_making_check(run_id: int) -> ResponseReturnValue:
    """Show the mail, and how many get it, before anything is said."""
    page = page_of(run_id)
    try:
        words = read()
    except BadInput as no:
        return _form(run_id, no)
    with reading() as session:
        shown = making_letter.preview(session, run_id, words, house().settings.base_url, house().tokens)
    return render_template("staff/making_check.html", page=page, words=words, shown=shown, sent=request.form.to_dict())


@bp.post("/runs/<int:run_id>/making/change")
@needs(Deed.MAKE)
def run_making_say(run_id: int) -> ResponseReturnValue:
    """Say it from now on."""
    page_of(run_id)
    try:
        words = read()
        with transaction() as session:
            label_id = mine(session, run_id).release.label_id
            said = making_changes.say(session, run_id, words, now(), actor())
            promise = words.promise.words
            deed.note(session, "run.making_said", "run", run_id, label_id, step=words.step, promise=promise, weeks=words.weeks)
    except (BadInput, Conflict) as no:
        return _form(run_id, no)
    flash(_("Said. The pages show it now; the mail leaves in ten minutes.") if said else _("Kept."))
    return redirect(url_for("staff.run_making", run_id=run_id), 303)


@bp.post("/runs/<int:run_id>/making/take-back")
@needs(Deed.MAKE)
def run_making_take_back(run_id: int) -> ResponseReturnValue:
    """Go back to what fans were last told, before the mail leaves."""
    with transaction() as session:
        label_id = mine(session, run_id).release.label_id
        making_changes.take_back(session, run_id, now(), actor())
        deed.note(session, "run.making_taken_back", "run", run_id, label_id)
    flash(_("Taken back: no mail leaves. The pages say that it was a mistake."))
    return redirect(url_for("staff.run_making", run_id=run_id), 303)


def _form(run_id: int, no: No | None = None) -> Response:
    page = page_of(run_id)
    with reading() as session:
        made = making_desk.making_desk(session, run_id)
    steps = [(step.value, word[:1].upper() + word[1:], None) for step, word in WORDS.items()]
    return form_page("staff/making_change.html", no, _values(made), page=page, made=made, steps=steps)


def _values(made: making_desk.MakingDesk) -> dict[str, Any]:
    begun = made.view
    promise = begun.promise if begun is not None else of_month(now().date())
    by_month = "1" if promise.by_month else ""
    step = begun.step if begun is not None else Step.FILES_IN
    promised_on = promise.on.isoformat() if begun is not None else ""
    return {"step": step, "promised_on": promised_on, "by_month": by_month, "note": "", "weeks": made.weeks}
