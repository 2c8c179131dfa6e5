"""Uploads at the desk: a cover and the previews, read whole, checked, kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import media, releases, tracks
from app.catalogue.media import Upload
from app.catalogue.models import Media
from app.kernel.errors import BadInput
from app.reports import desk_releases
from app.reports.desk_releases import ReleaseDesk
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import accepts, needs, require
from app.staff.releases import mine
from app.web.house import house, now, reading, transaction

UPLOAD = media.LARGEST + 64 * 1024  # bytes: the file and the form around it


@bp.get("/releases/<int:release_id>/artwork")
@needs(Deed.MAKE)
def release_artwork(release_id: int) -> ResponseReturnValue:
    """The cover as it is, and the form for another."""
    return _artwork_page(release_id)


@bp.post("/releases/<int:release_id>/artwork")
@needs(Deed.MAKE)
@accepts(UPLOAD)
def release_artwork_save(release_id: int) -> ResponseReturnValue:
    """Put a picture on the cover, or only say in other words what it shows."""
    _release(release_id)
    try:
        form = Form()
        alt = form.text("alt", "What it shows", least=1, most=300)
        form.check()
        content = content_of("artwork")
        upload = media.image(content) if content else None
    except BadInput as no:
        return _artwork_page(release_id, no)
    with kept_or_gone(upload), transaction() as session:
        row = mine(session, release_id)
        if upload is None and row.artwork is None:
            return _artwork_page(release_id, BadInput("", {"artwork": "Choose a picture first."}))
        picture = _keep(session, row.label_id, upload) if upload else row.artwork
        old = releases.show_artwork(session, release_id, picture, alt)
        deed.note(session, "release.artwork_set", "release", release_id, row.label_id)
    put_away(old)
    return redirect(url_for("staff.release_artwork", release_id=release_id), 303)


@bp.post("/releases/<int:release_id>/artwork/remove")
@needs(Deed.MAKE)
def release_artwork_remove(release_id: int) -> ResponseReturnValue:
    """Take the picture off the cover; the drawn object stands in again."""
    with transaction() as session:
        row = mine(session, release_id)
        old = releases.show_artwork(session, release_id, None, "")
        deed.note(session, "release.artwork_removed", "release", release_id, row.label_id)
    put_away(old)
    return redirect(url_for("staff.release_artwork", release_id=release_id), 303)


@bp.get("/tracks/<int:track_id>/preview")
@needs(Deed.MAKE)
def track_preview(track_id: int) -> ResponseReturnValue:
    """The preview of one track, and the form for another."""
    return _preview_page(track_id)


@bp.post("/tracks/<int:track_id>/preview")
@needs(Deed.MAKE)
@accepts(UPLOAD)
def track_preview_save(track_id: int) -> ResponseReturnValue:
    """Give a track its preview."""
    _release_of(track_id)
    try:
        upload = media.audio(content_of("preview") or _nothing("preview"))
    except BadInput as no:
        return _preview_page(track_id, no)
    with kept_or_gone(upload), transaction() as session:
        row = mine(session, desk_releases.track_release(session, track_id))
        old = tracks.set_preview(session, track_id, _keep(session, row.label_id, upload))
        deed.note(session, "release.preview_set", "release", row.id, row.label_id, track=track_id)
    put_away(old)
    return redirect(url_for("staff.release_tracks", release_id=row.id), 303)


@bp.post("/tracks/<int:track_id>/preview/remove")
@needs(Deed.MAKE)
def track_preview_remove(track_id: int) -> ResponseReturnValue:
    """Take the preview away."""
    with transaction() as session:
        row = mine(session, desk_releases.track_release(session, track_id))
        old = tracks.set_preview(session, track_id, None)
        deed.note(session, "release.preview_removed", "release", row.id, row.label_id, track=track_id)
    put_away(old)
    return redirect(url_for("staff.release_tracks", release_id=row.id), 303)


def content_of(field: str) -> bytes:
    """The uploaded bytes; empty when no file was chosen. The file's own name is never used."""
    files = request.files.getlist(field)
    if len(files) > 1:
        raise BadInput("", {field: "One file at a time."})
    if not files or not files[0].filename:
        return b""
    return bytes(files[0].read(media.LARGEST + 1)) or _nothing(field)


def _nothing(field: str) -> bytes:
    raise BadInput("", {field: "There is nothing in it. Choose a file first."})


def _keep(session: Session, label_id: int, upload: Upload) -> Media:
    return media.keep(session, label_id, upload, house().settings.media_dir, now())


@contextmanager
def kept_or_gone(upload: Upload | None) -> Iterator[None]:
    """No file outlives a transaction that failed."""
    try:
        yield
    except BaseException:
        put_away(upload.file if upload else None)
        raise


def put_away(file: str | None) -> None:
    """A stored file that no row names any more."""
    if file:
        media.unlink(house().settings.media_dir, file)


def _release(release_id: int) -> ReleaseDesk:
    with reading() as session:
        page = desk_releases.desk(session, release_id)
    require(page.label_id, Deed.MAKE)
    return page


def _release_of(track_id: int) -> ReleaseDesk:
    with reading() as session:
        release_id = desk_releases.track_release(session, track_id)
    return _release(release_id)


def _artwork_page(release_id: int, no: No | None = None) -> Response:
    page = _release(release_id)
    return form_page("staff/release_artwork.html", no, {"alt": page.artwork.alt if page.artwork else ""}, page=page)


def _preview_page(track_id: int, no: No | None = None) -> Response:
    page = _release_of(track_id)
    track = next(track for track in page.tracks if track.id == track_id)
    return form_page("staff/track_preview.html", no, {}, page=page, track=track)
