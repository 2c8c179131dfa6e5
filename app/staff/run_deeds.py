"""Pressing a run, and removing one that was never pressed; both are asked about first."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import runs
from app.inventory.numbers import padded
from app.inventory.pressing import press_run
from app.kernel.errors import Conflict
from app.staff import deed
from app.staff.asking import Form
from app.staff.blueprint import bp
from app.staff.guard import actor, needs
from app.staff.runs import mine, page_of
from app.web.house import now, transaction


@bp.get("/runs/<int:run_id>/press")
@needs(Deed.MAKE)
def run_press_ask(run_id: int) -> ResponseReturnValue:
    """Say what pressing does, and ask."""
    page = page_of(run_id)
    if page.pressed_at is not None:
        raise Conflict("This run is pressed already. Its copies exist; nothing is made twice.")
    made = {"n": page.edition_size, "title": page.release_title, "run": page.title, "last": page.last_number}
    made["first"] = padded(page.first_number, page.last_number)
    return render_template(
        "staff/confirm.html",
        title=_("Press %(n)s copies?", n=page.edition_size),
        sentences=[
            _("%(n)s copies of “%(title)s”, %(run)s, come to be: № %(first)s to %(last)s.", **made),
            _("From then on the format, the numbers and the address stay as they are. This cannot be undone."),
            _("Copies that turn out damaged or missing can be withdrawn one by one."),
        ],
        action=url_for("staff.run_press", run_id=run_id),
        verb=_("Press %(n)s copies", n=page.edition_size),
        back=url_for("staff.run", run_id=run_id),
        tone="loud",
        fields={"copies": page.edition_size, "first": page.first_number},
    )


@bp.post("/runs/<int:run_id>/press")
@needs(Deed.MAKE)
def run_press(run_id: int) -> ResponseReturnValue:
    """Make the copies, once."""
    page_of(run_id)
    form = Form()
    made, first = form.whole("copies", "Copies", most=10_000), form.whole("first", "First number", most=100_000)
    form.check()
    with transaction() as session:
        row = mine(session, run_id)
        press_run(session, run_id, made, first, now(), actor())
        deed.note(session, "run.pressed", "run", run_id, row.release.label_id, copies=made, first=first)
    return redirect(url_for("staff.run", run_id=run_id), 303)


@bp.get("/runs/<int:run_id>/remove")
@needs(Deed.MAKE)
def run_remove_ask(run_id: int) -> ResponseReturnValue:
    """Ask before removing."""
    page = page_of(run_id)
    return render_template(
        "staff/confirm.html",
        title=_("Remove this run?"),
        sentences=[_("“%(title)s” was never pressed, so no copy is lost. This cannot be undone.", title=page.title)],
        action=url_for("staff.run_remove", run_id=run_id),
        verb=_("Remove the run"),
        back=url_for("staff.run", run_id=run_id),
        tone="danger",
        fields={},
    )


@bp.post("/runs/<int:run_id>/remove")
@needs(Deed.MAKE)
def run_remove(run_id: int) -> ResponseReturnValue:
    """Remove a run that was never pressed."""
    with transaction() as session:
        row = mine(session, run_id)
        release_id, label_id = row.release_id, row.release.label_id
        runs.remove(session, run_id)
        deed.note(session, "run.removed", "run", run_id, label_id)
    return redirect(url_for("staff.release", release_id=release_id), 303)
