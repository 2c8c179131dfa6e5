"""Style sheets and scripts joined at start into one file each, named by their content; there is no build step."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

_CORE = (
    *("reset", "tokens", "fonts", "base", "sheet", "masthead", "spine", "strip", "number", "object", "buying", "verb"),
    *("field", "notice", "time", "table", "utilities"),
)
BUNDLES: dict[str, list[str]] = {
    "shop.css": [f"css/{name}.css" for name in (*_CORE, "tracklist", "listing", "pages", "looking", "steps")],
    "desk.css": [f"css/{name}.css" for name in (*_CORE, "tracklist", "rail", "running", "making", "scan", "steps", "setup")],
    "shop.js": [f"js/{name}.js" for name in ("zones", "countdown", "strip", "live", "timer", "audio", "focus", "once", "again")],
    "desk.js": [
        f"js/{name}.js"
        for name in (
            *("zones", "strip", "live", "keys", "choose", "brings", "copy", "print", "audio", "focus", "scan", "passkey"),
            *("upload", "ink"),
        )
    ],
}
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
_VENDORED = re.compile(rb"url\(\"\.\./(vendor/[^\"]+)\"\)")


def build(static_dir: Path, url: Callable[[str], str] | None = None) -> dict[str, tuple[str, bytes]]:
    """Every bundle as name → (`shop.1a2b3c4d5e.css`, content); FileNotFoundError names what is missing.

    `url` turns a path under the static folder into its address, for the fonts a style sheet asks for; without it they
    are looked up beside the bundle.
    """
    return {name: _named(name, bundle(static_dir, name, url)) for name in BUNDLES}


def bundle(static_dir: Path, name: str, url: Callable[[str], str] | None = None) -> bytes:
    """One bundle's content: its parts in sequence, each script in a block of its own so that names cannot clash."""
    parts = [(static_dir / part).read_bytes() for part in BUNDLES[name]]
    if name.endswith(".css"):
        return _pointed(_trimmed(b"\n".join(parts)), url)
    return b"\n".join(b"{\n" + part.strip() + b"\n}" for part in parts) + b"\n"


def fingerprint(content: bytes) -> str:
    """Ten hex digits that change whenever the content does."""
    return hashlib.sha256(content).hexdigest()[:10]


def _trimmed(sheet: bytes) -> bytes:
    lines = (line.strip() for line in _COMMENT.sub(b"", sheet).splitlines())
    return b"\n".join(line for line in lines if line) + b"\n"


def _pointed(sheet: bytes, url: Callable[[str], str] | None) -> bytes:
    def address(match: re.Match[bytes]) -> bytes:
        path = match[1].decode()
        return f'url("{url(path) if url else path}")'.encode()

    return _VENDORED.sub(address, sheet)


def _named(name: str, content: bytes) -> tuple[str, bytes]:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{fingerprint(content)}.{kind}", content
