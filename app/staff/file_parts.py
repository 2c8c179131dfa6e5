"""Files come to the desk: a small one with its form, a large one in parts that go on after a broken line."""

from os import SEEK_END
from typing import IO

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.catalogue import file_pouring, file_store, files
from app.catalogue.models import FileKind, ReleaseFile
from app.kernel.errors import BadInput, Conflict, NotFound, Unavailable
from app.staff.asking import Form
from app.staff.blueprint import bp
from app.staff.files import KINDS, back, listing, mine, note, release_of
from app.staff.guard import accepts, needs, require
from app.web import forms
from app.web.house import house, now, reading, transaction

SMALL = 12 * 1024 * 1024  # bytes of a file that comes with its form, where no script cuts it into parts


@bp.post("/releases/<int:release_id>/files")
@needs(Deed.MAKE)
@accepts(SMALL + 64 * 1024)
def release_files_save(release_id: int) -> ResponseReturnValue:
    """Keep a file that came whole."""
    release_of(release_id)
    folder = file_store.place(house().settings.media_dir)
    try:
        kind, (name, content, size) = _kind(), _small()
        row = _begun(release_id, name, kind, size)
        content.seek(at := file_store.arrived(folder, row.file))
        file_pouring.append(folder, row.file, at, content, size)
        _whole(row.id)
    except (BadInput, Conflict, Unavailable) as no:
        return listing(release_id, no)
    return back(release_id)


@bp.post("/releases/<int:release_id>/files/begin")
@needs(Deed.MAKE)
def release_file_begin(release_id: int) -> ResponseReturnValue:
    """Say what is about to come; where its parts go, and how much of it is here already."""
    release_of(release_id)
    kind, name = _kind(), forms.text("name", label="Name", most=200)
    typed = forms.text("size", label="Size", most=20)
    size = int(typed) if typed.isascii() and typed.isdigit() else 0
    if size > file_store.LARGEST:
        raise BadInput("", {"file": "At most 2 GB come over the web. Larger ones: flask files add, on the server."})
    row = _begun(release_id, name, kind, size)
    at = file_store.arrived(file_store.place(house().settings.media_dir), row.file)
    return jsonify(
        at=at, part=url_for("staff.release_file_part", file_id=row.id), whole=url_for("staff.release_file_whole", file_id=row.id)
    )


@bp.post("/files/<int:file_id>/part")
@needs(Deed.MAKE)
@accepts(file_store.PART + 1)  # who reads to the end of a body asks for one byte more than it has
def release_file_part(file_id: int) -> ResponseReturnValue:
    """Add one part, the body, at byte `at`; how much is here then. A part twice, or too early, changes nothing."""
    with reading() as session:
        row = session.get(ReleaseFile, file_id)
        if row is None:
            raise NotFound("There is no such file. Perhaps it was removed meanwhile.")
        require(row.release.label_id, Deed.MAKE)
    said = request.args.get("at", "")
    at = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else -1
    return jsonify(at=file_pouring.append(file_store.place(house().settings.media_dir), row.file, at, request.stream, row.size))


@bp.post("/files/<int:file_id>/whole")
@needs(Deed.MAKE)
def release_file_whole(file_id: int) -> ResponseReturnValue:
    """All of it is here: seal it."""
    return jsonify(sha256=_whole(file_id).sha256)


def _small() -> tuple[str, IO[bytes], int]:
    """The chosen file's own name, its content from the first byte, and its size."""
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        raise BadInput("", {"file": "Choose a file first."})
    content = chosen.stream
    if (size := content.seek(0, SEEK_END)) > SMALL:
        raise BadInput("", {"file": "Without JavaScript a file may have 12 MB. Larger ones: flask files add, on the server."})
    return chosen.filename, content, size


def _kind() -> FileKind:
    form = Form()
    kind = form.one_of("kind", "What it is", KINDS)
    form.check()
    return FileKind(kind)


def _begun(release_id: int, name: str, kind: FileKind, size: int) -> ReleaseFile:
    folder = file_store.prepared(house().settings.media_dir)
    with transaction() as session:
        row = files.begin(session, release_id, name, kind, size, now())
        file_store.must_fit(folder, size - file_store.arrived(folder, row.file))
        note(session, "release.file_begun", row)
        return row


def _whole(file_id: int) -> ReleaseFile:
    """Seal the bytes outside of any transaction, as that takes seconds, and then say so."""
    with transaction() as session:
        row = mine(session, file_id)
        stored, size = row.file, row.size
    checksum = file_store.seal(file_store.place(house().settings.media_dir), stored, size)
    with transaction() as session:
        row = mine(session, file_id)
        if row.sha256 is None:
            note(session, "release.file_added", row)
        return files.whole(session, file_id, checksum, now())
