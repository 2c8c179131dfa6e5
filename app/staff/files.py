"""The files that come with a release's copies: their list, what each is called, their sequence, and taking one away."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import file_store, files
from app.catalogue.models import FileKind, ReleaseFile
from app.kernel.errors import BadInput
from app.reports import desk_files, desk_releases
from app.reports.desk_files import FileRow
from app.reports.desk_releases import ReleaseDesk
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import needs, require
from app.web.house import house, reading, transaction

WORDS = (
    (FileKind.ALBUM.value, lazy_gettext("The album")),
    (FileKind.STEMS.value, lazy_gettext("Stems")),
    (FileKind.ZINE.value, lazy_gettext("The zine")),
    (FileKind.OTHER.value, lazy_gettext("Something else")),
)
KINDS = tuple(value for value, _word in WORDS)


@bp.get("/releases/<int:release_id>/files")
@needs(Deed.MAKE)
def release_files(release_id: int) -> ResponseReturnValue:
    """What comes with every copy, and the form for more."""
    return listing(release_id)


@bp.get("/files/<int:file_id>")
@needs(Deed.MAKE)
def release_file(file_id: int) -> ResponseReturnValue:
    """One file's name and kind."""
    return _file_page(file_id)


@bp.post("/files/<int:file_id>")
@needs(Deed.MAKE)
def release_file_save(file_id: int) -> ResponseReturnValue:
    """Call it something else."""
    try:
        form = Form()
        name = form.text("name", "Name", least=1, most=200)
        kind = FileKind(form.one_of("kind", "What it is", KINDS))
        form.check()
        with transaction() as session:
            row = mine(session, file_id)
            files.describe(session, file_id, name, kind)
            note(session, "release.file_named", row)
            release_id = row.release_id
    except BadInput as no:
        return _file_page(file_id, no)
    return back(release_id)


@bp.post("/files/<int:file_id>/<any(up, down):way>")
@needs(Deed.MAKE)
def release_file_move(file_id: int, way: str) -> ResponseReturnValue:
    """Let it change places with its neighbour."""
    with transaction() as session:
        row = mine(session, file_id)
        files.move(session, file_id, -1 if way == "up" else 1)
        note(session, "release.files_sorted", row)
        release_id = row.release_id
    return back(release_id)


@bp.get("/files/<int:file_id>/remove")
@needs(Deed.MAKE)
def release_file_remove_ask(file_id: int) -> ResponseReturnValue:
    """Ask before removing."""
    page, _release = _look(file_id)
    return render_template(
        "staff/confirm.html",
        title=_("Remove %(name)s?", name=page.name),
        sentences=[_("Nobody can download it any more, not even who bought a copy because of it. This cannot be undone.")],
        action=url_for("staff.release_file_remove", file_id=file_id),
        verb=_("Remove %(name)s", name=page.name),
        back=url_for("staff.release_files", release_id=page.release_id),
        tone="danger",
        fields={},
    )


@bp.post("/files/<int:file_id>/remove")
@needs(Deed.MAKE)
def release_file_remove(file_id: int) -> ResponseReturnValue:
    """Take it away; the bytes go once the row is gone."""
    with transaction() as session:
        row = mine(session, file_id)
        note(session, "release.file_removed", row)
        release_id, stored = row.release_id, files.remove(session, file_id)
    file_store.unlink(file_store.place(house().settings.media_dir), stored)
    return back(release_id)


def mine(session: Session, file_id: int) -> ReleaseFile:
    """The file, locked, if it belongs to a label of the person's; NotFound otherwise."""
    row = files.locked(session, file_id)
    require(row.release.label_id, Deed.MAKE)
    return row


def note(session: Session, what: str, row: ReleaseFile) -> None:
    """Write a deed on a file into the history of its release."""
    deed.note(session, what, "release", row.release_id, row.release.label_id, file=row.name)


def back(release_id: int) -> ResponseReturnValue:
    """To the list."""
    return redirect(url_for("staff.release_files", release_id=release_id), 303)


def listing(release_id: int, no: No | None = None) -> Response:
    """The list as it is, or with what was refused."""
    page = release_of(release_id)
    with reading() as session:
        rows = desk_files.of_release(session, release_id, file_store.place(house().settings.media_dir))
    bounds = {"part": file_store.PART, "largest": file_store.LARGEST}
    return form_page("staff/files.html", no, {"kind": KINDS[0]}, page=page, rows=rows, kinds=WORDS, **bounds)


def release_of(release_id: int) -> ReleaseDesk:
    """The release's read model, if it belongs to a label of the person's; NotFound otherwise."""
    with reading() as session:
        page = desk_releases.desk(session, release_id)
    require(page.label_id, Deed.MAKE)
    return page


def _look(file_id: int) -> tuple[FileRow, ReleaseDesk]:
    with reading() as session:
        page = desk_files.one(session, file_id, file_store.place(house().settings.media_dir))
    return page, release_of(page.release_id)


def _file_page(file_id: int, no: No | None = None) -> Response:
    page, release = _look(file_id)
    return form_page("staff/file.html", no, {"name": page.name, "kind": page.kind.value}, page=page, release=release, kinds=WORDS)
