"""Ask the fans of a pre-order whether they still live there, and lock its parcels: on a day, or at once."""

from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.roles import Deed
from app.checkout import asking
from app.kernel.errors import BadInput, Conflict
from app.reports import making_desk, making_letter
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import needs, person, require
from app.staff.making_form import day
from app.staff.runs import page_of
from app.web.house import house, now, reading, transaction


@bp.get("/runs/<int:run_id>/making/addresses")
@needs(Deed.CORRECT)
def run_making_ask(run_id: int) -> ResponseReturnValue:
    """The form: the day of the lock, the mail, and how many get it."""
    return _form(run_id)


@bp.post("/runs/<int:run_id>/making/addresses")
@needs(Deed.CORRECT)
def run_making_ask_do(run_id: int) -> ResponseReturnValue:
    """Have them asked; who was asked before is not asked again."""
    label_id = page_of(run_id).label_id
    require(label_id, Deed.CORRECT)
    try:
        lock_on = _day()
        with transaction() as session:
            asking.wish(session, run_id, lock_on, now())
            said = lock_on.isoformat() if lock_on else None
            deed.note(session, "run.addresses_asked", "run", run_id, label_id, lock_on=said)
    except (BadInput, Conflict) as no:
        return _form(run_id, no)
    flash(_("The mails go out. Who was asked before is not asked again."))
    return redirect(url_for("staff.run_making", run_id=run_id), 303)


@bp.get("/runs/<int:run_id>/making/lock")
@needs(Deed.CORRECT)
def run_making_lock(run_id: int) -> ResponseReturnValue:
    """Say what it means, and ask."""
    page = page_of(run_id)
    require(page.label_id, Deed.CORRECT)
    with reading() as session:
        made = making_desk.making_desk(session, run_id)
    if not made.lockable:
        raise Conflict(_("No parcel of this run is open: what is paid is locked, packed or sent already."))
    return render_template(
        "staff/confirm.html",
        title=ngettext("Lock one parcel for packing?", "Lock %(num)s parcels for packing?", made.lockable),
        sentences=[
            _("Their fans can no longer correct the address by themselves; you still can."),
            _("Parcels that wait for another run as well stay open. It can be undone parcel by parcel."),
        ],
        action=url_for("staff.run_making_lock_do", run_id=run_id),
        verb=_("Lock them"),
        back=url_for("staff.run_making", run_id=run_id),
        tone="loud",
        fields={},
    )


@bp.post("/runs/<int:run_id>/making/lock")
@needs(Deed.CORRECT)
def run_making_lock_do(run_id: int) -> ResponseReturnValue:
    """Lock them now, some at a time."""
    label_id = page_of(run_id).label_id
    require(label_id, Deed.CORRECT)
    locked = 0
    while True:
        with transaction() as session:
            some = asking.lock(session, run_id, now(), person().id)
        locked += some
        if some < asking.AT_ONCE:
            break
    flash(ngettext("One parcel is locked for packing.", "%(num)s parcels are locked for packing.", locked))
    return redirect(url_for("staff.run_making", run_id=run_id), 303)


def _day() -> date | None:
    """The day that was typed; None for an empty field."""
    form = Form()
    found = day(form, "lock_on", "The last day") if request.form.get("lock_on", "").strip() else None
    form.check()
    return found


def _form(run_id: int, no: No | None = None) -> Response:
    page = page_of(run_id)
    require(page.label_id, Deed.CORRECT)
    if page.making is None:
        raise Conflict(_("This run is no pre-order, so nobody has been waiting long enough to move."))
    with reading() as session:
        made = making_desk.making_desk(session, run_id)
        shown = making_letter.preview_asking(session, run_id, house().settings.base_url, house().tokens)
    values = {"lock_on": made.lock_on.isoformat() if made.lock_on else ""}
    return form_page("staff/making_ask.html", no, values, page=page, made=made, shown=shown)
