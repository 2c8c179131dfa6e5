"""Pictures and sounds: only what the database knows, under names that never change their content."""

import re

from flask import Response, send_file
from sqlalchemy import select

from app.catalogue import media as stored
from app.catalogue.models import Media, MediaKind
from app.kernel.errors import NotFound
from app.shop.blueprint import bp
from app.web.house import house, reading

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}\.[a-z0-9]{1,5}")
_YEAR = 365 * 24 * 60 * 60


@bp.get("/media/<name>")
def media(name: str) -> Response:
    """One file, whole or in ranges; a picture's smaller twin is served where there is one, else the picture."""
    row = _row(name)
    folder = house().settings.media_dir.absolute()
    path = next((folder / each for each in (name, row.file) if (folder / each).is_file()), None)
    if path is None:
        raise NotFound("This file is not here any more.")
    response = send_file(path, mimetype=row.content_type, conditional=True, max_age=_YEAR)
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    response.headers["Accept-Ranges"] = "bytes"
    if row.kind is MediaKind.IMAGE:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # link cards show it elsewhere
    return response


def _row(name: str) -> Media:
    """The row of a file or of its smaller twin."""
    if _NAME.fullmatch(name):
        base = name.replace(f"{stored.SMALL}.", ".")
        with reading() as session:
            row = session.scalar(select(Media).where(Media.file.in_({name, base})))
        if row is not None:
            return row
    raise NotFound("There is no such file.")
