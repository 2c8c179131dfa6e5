"""Releases at the desk: words, publishing, removing."""

from datetime import date

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import releases
from app.catalogue.models import Release
from app.catalogue.releases import ReleaseWords
from app.kernel.errors import BadInput, Conflict
from app.reports import desk_artists, desk_labels, desk_releases
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import accepts, label_ids, needs, require
from app.staff.labels import chosen_label
from app.web.house import now, reading, transaction

LONG = 256 * 1024  # bytes: notes of 40,000 letters, each up to six bytes in a form


@bp.get("/releases", endpoint="releases")
@needs(Deed.MAKE)
def release_list() -> ResponseReturnValue:
    """Everything the label issues, with its runs."""
    with reading() as session:
        rows = desk_releases.rows(session, label_ids(Deed.MAKE))
    return render_template("staff/releases.html", releases=rows)


@bp.get("/releases/new")
@needs(Deed.MAKE)
def release_new() -> ResponseReturnValue:
    """The empty form."""
    return _new()


@bp.post("/releases/new")
@needs(Deed.MAKE)
@accepts(LONG)
def release_create() -> ResponseReturnValue:
    """Make a release that only the desk sees."""
    try:
        label_id, words = chosen_label(Deed.MAKE), _words()
        with transaction() as session:
            release = releases.create(session, label_id, words, now())
            deed.note(session, "release.made", "release", release.id, label_id, number=words.catalogue_number)
    except (BadInput, Conflict) as no:
        return _new(no)
    return redirect(url_for("staff.release", release_id=release.id), 303)


@bp.get("/releases/<int:release_id>")
@needs(Deed.MAKE)
def release(release_id: int) -> ResponseReturnValue:
    """One release: cover, tracks, runs, history."""
    with reading() as session:
        page = desk_releases.desk(session, release_id)
    require(page.label_id, Deed.MAKE)
    return render_template("staff/release.html", page=page)


@bp.get("/releases/<int:release_id>/edit")
@needs(Deed.MAKE)
def release_edit(release_id: int) -> ResponseReturnValue:
    """The form."""
    return _edit(release_id)


@bp.post("/releases/<int:release_id>/edit")
@needs(Deed.MAKE)
@accepts(LONG)
def release_save(release_id: int) -> ResponseReturnValue:
    """Change a release."""
    try:
        with transaction() as session:
            label_id = mine(session, release_id).label_id
            releases.edit(session, release_id, _words())
            deed.note(session, "release.edited", "release", release_id, label_id)
    except (BadInput, Conflict) as no:
        return _edit(release_id, no)
    return redirect(url_for("staff.release", release_id=release_id), 303)


def mine(session: Session, release_id: int) -> Release:
    """The release, locked, if it belongs to a label of the person's; NotFound otherwise."""
    row = releases.locked(session, release_id)
    require(row.label_id, Deed.MAKE)
    return row


def _words() -> ReleaseWords:
    form = Form()
    day, typed = None, form.text("released_on", "Released on", most=10)
    try:
        day = date.fromisoformat(typed) if typed else None
    except ValueError:
        form.say("released_on", "A day as 2026-11-27, or nothing.")
    words = ReleaseWords(
        artist_id=form.whole("artist", "Artist", least=1),
        catalogue_number=form.text("catalogue_number", "Catalogue number", least=1, most=40),
        title=form.text("title", "Title", least=1, most=160),
        slug=form.text("slug", "Address", most=80),
        notes=form.text("notes", "Notes", most=40_000, lines=True),
        released_on=day,
    )
    form.check()
    return words


def _new(no: No | None = None) -> Response:
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(Deed.MAKE))
        artists = desk_artists.rows(session, label_ids(Deed.MAKE))
    values = {"artist": "", "catalogue_number": "", "title": "", "slug": "", "notes": "", "released_on": ""}
    values["label"] = str(labels[0].id) if labels else ""
    return form_page("staff/release_new.html", no, values, labels=labels, artists=artists, published=False)


def _edit(release_id: int, no: No | None = None) -> Response:
    with reading() as session:
        page = desk_releases.desk(session, release_id)
        require(page.label_id, Deed.MAKE)
        artists = desk_artists.rows(session, [page.label_id])
    return form_page("staff/release_edit.html", no, page.values, page=page, artists=artists, published=page.published)
