"""Static files from memory: bundles under names that carry their content's hash, so that browsers keep them for ever."""

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request

from app.web import assets, doorman

_SERVED = ("icon.svg", "vendor/fonts/*.woff2", "vendor/htmx/*.js")  # their names carry a version
_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _File:
    body: bytes
    gzipped: bytes | None
    content_type: str


class Static:
    """Every bundle and vendored file of a folder, read and compressed once at start."""

    def __init__(self, folder: Path) -> None:
        self._names: dict[str, str] = {}
        self._files: dict[str, _File] = {}
        for name, (hashed, body) in assets.build(folder).items():
            self._add(name, hashed, body)
        for path in (path for pattern in _SERVED for path in sorted(folder.glob(pattern))):
            name = path.relative_to(folder).as_posix()
            self._add(name, name, path.read_bytes())

    def url(self, name: str) -> str:
        """The address of a bundle or file; KeyError for what does not exist, so that a wrong name shows at once."""
        return f"/static/{self._names[name]}"

    def install(self, app: Flask) -> None:
        """Serve them under /static/."""
        app.add_url_rule("/static/<path:name>", "static", self.send)

    def send(self, name: str) -> Response:
        """One file, gzipped for who can read that."""
        file = self._files.get(name)
        if file is None:
            abort(404)
        zipped = file.gzipped if "gzip" in request.headers.get("Accept-Encoding", "") else None
        response = Response(zipped or file.body, content_type=file.content_type)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = _YEAR
        doorman.keep(3600)
        return response

    def _add(self, name: str, served: str, body: bytes) -> None:
        kind = mimetypes.guess_type(served)[0] or "application/octet-stream"
        text = kind.startswith(("text/", "image/svg", "application/javascript"))
        self._names[name] = served
        self._files[served] = _File(body, gzip.compress(body, 9) if text else None, f"{kind}; charset=utf-8" if text else kind)
