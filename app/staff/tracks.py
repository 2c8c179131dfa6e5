"""The track editor: plain rows, so that adding, removing and moving work without a script."""

from dataclasses import dataclass, replace

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.catalogue import media, tracks
from app.catalogue.tracks import TrackWords
from app.kernel.errors import BadInput, Conflict, NotFound
from app.reports import desk_releases
from app.reports.desk_releases import ReleaseDesk
from app.staff import deed
from app.staff.asking import No
from app.staff.blueprint import bp
from app.staff.guard import accepts, needs, require
from app.staff.releases import mine
from app.web import forms
from app.web.components import clock_length
from app.web.errors import wants_json
from app.web.house import house, reading, transaction

_FIELDS = ("track", "side", "title", "length")


@dataclass(frozen=True)
class Row:
    """A row of the editor as typed; `track` is the id of one that exists, `wrong` a sentence about it."""

    track: str = ""
    side: str = ""
    title: str = ""
    length: str = ""
    wrong: str = ""

    @property
    def blank(self) -> bool:
        """Was nothing typed?"""
        return not (self.side or self.title or self.length)


@bp.get("/releases/<int:release_id>/tracks")
@needs(Deed.MAKE)
def release_tracks(release_id: int) -> ResponseReturnValue:
    """The track list as it is, with one empty row."""
    page = _page(release_id)
    rows = [
        Row(str(track.id), track.side, track.title, clock_length(track.seconds) if track.seconds else "") for track in page.tracks
    ]
    return _shown(page, [*rows, Row()])


@bp.post("/releases/<int:release_id>/tracks")
@needs(Deed.MAKE)
@accepts(128 * 1024)
def release_tracks_save(release_id: int) -> ResponseReturnValue:
    """Keep the rows; or only add, remove or move one and show the form again."""
    page = _page(release_id)
    try:
        rows = _typed()
        deed_, _, at = request.form.get("do", "save:").partition(":")
        if deed_ != "save":
            return _shown(page, _arranged(rows, deed_, at), unsaved=True)
        rows = [_checked(row) for row in rows if not row.blank]
        if any(row.wrong for row in rows):
            return _shown(page, rows, BadInput("Some tracks need another look."))
        with transaction() as session:
            label_id = mine(session, release_id).label_id
            files = tracks.write(session, release_id, [_words(row) for row in rows])
            deed.note(session, "release.tracks_written", "release", release_id, label_id, tracks=len(rows))
    except (BadInput, Conflict) as no:
        return _shown(page, _typed_if_whole(), no)
    for file in files:
        media.unlink(house().settings.media_dir, file)
    return redirect(url_for("staff.release_tracks", release_id=release_id), 303)


def _page(release_id: int) -> ReleaseDesk:
    with reading() as session:
        page = desk_releases.desk(session, release_id)
    require(page.label_id, Deed.MAKE)
    return page


def _typed() -> list[Row]:
    """The rows by position; BadInput when the columns have different lengths or there are far too many."""
    columns = [[" ".join(value.split()) for value in request.form.getlist(name)] for name in _FIELDS]
    if len({len(column) for column in columns}) != 1 or len(columns[0]) > 2 * tracks.MOST:
        raise BadInput("The rows of this form do not fit together. Open the page again.")
    return [Row(*values) for values in zip(*columns, strict=True)]


def _typed_if_whole() -> list[Row]:
    try:
        return _typed()
    except BadInput:
        return [Row()]


def _arranged(rows: list[Row], deed_: str, at: str) -> list[Row]:
    """The rows after one click; an impossible click changes nothing."""
    index = int(at) if at.isascii() and at.isdigit() and len(at) < 4 else -1
    if deed_ == "more":
        return [*rows, Row(), Row(), Row()]
    if not 0 <= index < len(rows):
        return rows
    if deed_ == "remove":
        return rows[:index] + rows[index + 1 :] or [Row()]
    other = index - 1 if deed_ == "up" else index + 1
    if 0 <= other < len(rows):
        rows[index], rows[other] = rows[other], rows[index]
    return rows


def _checked(row: Row) -> Row:
    try:
        tracks.seconds(row.length)
    except ValueError:
        return replace(row, wrong="A length as 4:05, or nothing.")
    if any(not sign.isprintable() for sign in row.side + row.title):
        return replace(row, wrong="This contains signs that cannot be printed.")
    if not row.title or len(row.title) > 200 or len(row.side) > 4:
        return replace(row, wrong="A title of at most 200 letters; a side of at most 4.")
    return row


def _words(row: Row) -> TrackWords:
    id_ = forms.whole(row.track, name="track", label="Track") if row.track else None
    return TrackWords(id_, row.side, row.title, tracks.seconds(row.length))


def _shown(page: ReleaseDesk, rows: list[Row], no: No | None = None, *, unsaved: bool = False) -> Response:
    if no is not None and wants_json():
        raise no
    known = {str(track.id): track for track in page.tracks}
    if any(row.track and row.track not in known for row in rows):
        raise NotFound("This track list was changed by somebody else meanwhile. Open it again.")
    said = no.detail if no else ""
    html = render_template("staff/release_tracks.html", page=page, rows=rows, known=known, said=said, unsaved=unsaved)
    return make_response(html, no.status if no else 200)
