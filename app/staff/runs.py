"""Runs at the desk: planned, edited, pressed once."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import runs
from app.catalogue.models import Run
from app.drops import changes, last_hour, writing
from app.drops.models import Drop
from app.drops.selling import opening_soon, price_lock
from app.kernel.errors import BadInput, Conflict
from app.reports import desk_releases, desk_runs
from app.staff import deed, drop_change
from app.staff.asking import No, form_page
from app.staff.blueprint import bp
from app.staff.guard import needs, require
from app.staff.run_form import EMPTY, FORMATS, choices, country, read
from app.web.house import now, reading, transaction


@bp.get("/releases/<int:release_id>/runs/new")
@needs(Deed.MAKE)
def run_new(release_id: int) -> ResponseReturnValue:
    """The empty form."""
    return _new(release_id)


@bp.post("/releases/<int:release_id>/runs/new")
@needs(Deed.MAKE)
def run_create(release_id: int) -> ResponseReturnValue:
    """Plan a run; its copies come to be when it is pressed."""
    with reading() as session:
        release = desk_releases.desk(session, release_id)
    require(release.label_id, Deed.MAKE)
    try:
        words = read(release.currency)
        with transaction() as session:
            run = runs.create(session, release_id, words, now())
            deed.note(session, "run.planned", "run", run.id, release.label_id, copies=run.edition_size)
    except (BadInput, Conflict) as no:
        return _new(release_id, no)
    return redirect(url_for("staff.run", run_id=run.id), 303)


@bp.get("/runs/<int:run_id>")
@needs(Deed.MAKE)
def run(run_id: int) -> ResponseReturnValue:
    """One run: the object, its facts, its copies on a strip, the drops that sell it."""
    page = page_of(run_id)
    return render_template("staff/run.html", page=page, formats=dict(FORMATS), origin=country(page.origin))


@bp.get("/runs/<int:run_id>/edit")
@needs(Deed.MAKE)
def run_edit(run_id: int) -> ResponseReturnValue:
    """The form; what is settled by pressing is shown, not asked."""
    return _edit(run_id)


@bp.post("/runs/<int:run_id>/edit")
@needs(Deed.MAKE)
def run_save(run_id: int) -> ResponseReturnValue:
    """Change a run."""
    try:
        with transaction() as session:
            soon = opening_soon(session, run_id, now())
            drop = writing.locked(session, soon.id) if soon else None  # before the run, as whoever confirms a change does
            row = mine(session, run_id)
            _check_same(soon, opening_soon(session, run_id, now()))
            before, lock = row.price, price_lock(session, run_id, now())
            words = read(row.release.label.currency, row, lock)
            words, wanted = changes.set_apart(last_hour.of_run(row) if drop else {}, words)
            stays = last_hour.WHY % drop.title if drop else ""
            runs.edit(session, run_id, words, lock or stays, stays)
            detail = {"price_before": before, "price": words.price} if words.price != before else {}
            deed.note(session, "run.edited", "run", run_id, row.release.label_id, **detail)
            if drop and wanted:
                return drop_change.ask(session, drop, row, wanted, now())
    except (BadInput, Conflict) as no:
        return _edit(run_id, no)
    return redirect(url_for("staff.run", run_id=run_id), 303)


def mine(session: Session, run_id: int) -> Run:
    """The run, locked, if it belongs to a label of the person's; NotFound otherwise."""
    row = runs.locked(session, run_id)
    require(row.release.label_id, Deed.MAKE)
    return row


def page_of(run_id: int) -> desk_runs.RunDesk:
    """The run's read model, if it belongs to a label of the person's; NotFound otherwise."""
    with reading() as session:
        page = desk_runs.desk(session, run_id, now())
    require(page.label_id, Deed.MAKE)
    return page


def _check_same(before: Drop | None, after: Drop | None) -> None:
    """Conflict when a drop's last hour began, or was over, while the run was waited for."""
    if after is not before:
        raise Conflict("A drop of this run was published just now, or has just opened. Look at the run again before you change it.")


def _new(release_id: int, no: No | None = None) -> Response:
    with reading() as session:
        release = desk_releases.desk(session, release_id)
    require(release.label_id, Deed.MAKE)
    return form_page("staff/run_new.html", no, EMPTY, release=release, page=None, currency=release.currency, **choices())


def _edit(run_id: int, no: No | None = None) -> Response:
    page = page_of(run_id)
    return form_page("staff/run_edit.html", no, page.values, page=page, currency=page.currency, **choices())
