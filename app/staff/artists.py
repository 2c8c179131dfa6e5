"""Artists at the desk."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue import artists
from app.catalogue.artists import ArtistWords
from app.kernel.errors import BadInput, Conflict
from app.reports import desk_artists, desk_labels
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, require
from app.staff.labels import chosen_label
from app.web.house import reading, transaction


@bp.get("/artists", endpoint="artists")
@needs(Deed.MAKE)
def artist_list() -> ResponseReturnValue:
    """Everybody the label issues."""
    with reading() as session:
        rows = desk_artists.rows(session, label_ids(Deed.MAKE))
    return render_template("staff/artists.html", artists=rows)


@bp.get("/artists/new")
@needs(Deed.MAKE)
def artist_new() -> ResponseReturnValue:
    """The empty form."""
    return _new()


@bp.post("/artists/new")
@needs(Deed.MAKE)
def artist_create() -> ResponseReturnValue:
    """Make an artist."""
    try:
        label_id, words = chosen_label(Deed.MAKE), _words()
        with transaction() as session:
            artist = artists.create(session, label_id, words)
            deed.note(session, "artist.made", "artist", artist.id, label_id)
    except (BadInput, Conflict) as no:
        return _new(no)
    return redirect(url_for("staff.artist", artist_id=artist.id), 303)


@bp.get("/artists/<int:artist_id>")
@needs(Deed.MAKE)
def artist(artist_id: int) -> ResponseReturnValue:
    """One artist: form, releases, history."""
    return _page(artist_id)


@bp.post("/artists/<int:artist_id>")
@needs(Deed.MAKE)
def artist_save(artist_id: int) -> ResponseReturnValue:
    """Change an artist."""
    try:
        with transaction() as session:
            row = artists.found(session, artist_id)
            require(row.label_id, Deed.MAKE)
            artists.edit(session, artist_id, _words())
            deed.note(session, "artist.edited", "artist", artist_id, row.label_id)
    except (BadInput, Conflict) as no:
        return _page(artist_id, no)
    return redirect(url_for("staff.artist", artist_id=artist_id), 303)


@bp.get("/artists/<int:artist_id>/remove")
@needs(Deed.MAKE)
def artist_remove_ask(artist_id: int) -> ResponseReturnValue:
    """Ask before removing."""
    with reading() as session:
        page = desk_artists.desk(session, artist_id)
    require(page.label_id, Deed.MAKE)
    return render_template(
        "staff/confirm.html",
        title=_("Remove %(name)s?", name=page.name),
        sentences=[_("Their name, story and link are deleted. This cannot be undone.")],
        action=url_for("staff.artist_remove", artist_id=artist_id),
        verb=_("Remove %(name)s", name=page.name),
        back=url_for("staff.artist", artist_id=artist_id),
        tone="danger",
        fields={},
    )


@bp.post("/artists/<int:artist_id>/remove")
@needs(Deed.MAKE)
def artist_remove(artist_id: int) -> ResponseReturnValue:
    """Remove an artist without releases."""
    with transaction() as session:
        row = artists.found(session, artist_id)
        require(row.label_id, Deed.MAKE)
        artists.remove(session, artist_id)
        deed.note(session, "artist.removed", "artist", artist_id, row.label_id, name=row.name)
    return redirect(url_for("staff.artists"), 303)


def _words() -> ArtistWords:
    form = Form()
    words = ArtistWords(
        name=form.text("name", "Name", least=1, most=120),
        slug=form.text("slug", "Address", most=80),
        story=form.text("story", "Story", most=10_000, lines=True),
        link=form.text("link", "Link", most=300),
    )
    form.check()
    return words


def _new(no: No | None = None) -> Response:
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(Deed.MAKE))
    values = {"name": "", "slug": "", "story": "", "link": "", "label": labels[0].id if labels else ""}
    return form_page("staff/artist_new.html", no, values, labels=labels)


def _page(artist_id: int, no: No | None = None) -> Response:
    with reading() as session:
        page = desk_artists.desk(session, artist_id)
    require(page.label_id, Deed.MAKE)
    return form_page("staff/artist.html", no, page.values, page=page)
