"""What every drawn object is made of: its particulars, shell colours, shades of them, and lettering."""

import hashlib
import re
from dataclasses import dataclass, replace
from html import escape

from app.web.colour import Oklch, fit, parse, to_hex

SHELLS = {
    "clear": "#dce4e1",
    "smoke": "#6d6a68",
    "black": "#1d1b1a",
    "white": "#f0eee8",
    "bone": "#e6dcc6",
    "red": "#c8352b",
    "orange": "#e2702a",
    "yellow": "#ecc53b",
    "green": "#3d7d56",
    "blue": "#2d5d91",
    "violet": "#6b4f94",
    "pink": "#e79aa6",
    "gold": "#bb9441",
    "silver": "#b3b6b5",
}
SEE_THROUGH = {"clear", "smoke"}
SANS = "Archivo, Archivo Fallback, Arial, sans-serif"
MONO = "Martian Mono, Martian Mono Fallback, monospace"
_SAFE_ADDRESS = re.compile(r"(/(?!/)|https?://|data:image/(png|jpeg|webp);base64,)[^\s\"'<>]*")


@dataclass(frozen=True)
class Face:
    """A cut of type: family, weight, width in percent, and the room one letter takes, in parts of its size."""

    family: str
    weight: int
    width: int
    each: float


PLAIN = Face(SANS, 450, 100, 0.5)
STRONG = Face(SANS, 680, 86, 0.47)
HEAVY = Face(SANS, 850, 78, 0.46)
TYPED = Face(MONO, 450, 100, 0.71)


@dataclass(frozen=True)
class Thing:
    """What is to be drawn. Colours are `#rrggbb`; `fine` is false for thumbnails, which get fewer lines."""

    body: str
    label: str
    title: str
    artist: str
    catalogue_number: str
    artwork_url: str | None
    see_through: bool
    fine: bool

    @property
    def key(self) -> str:
        """A short id for references inside the drawing; the same thing drawn twice has the same one."""
        words = "\0".join((self.body, self.label, self.title, self.artist, self.catalogue_number))
        return "o" + hashlib.sha256(words.encode()).hexdigest()[:8]

    @property
    def edge(self) -> str:
        """The line around the body: the body's colour, pressed darker (or lighter, when it is nearly black)."""
        return shade(self.body, -0.2 if lightness(self.body) > 0.42 else 0.16)

    @property
    def print_ink(self) -> str:
        """What can be read when printed on the label."""
        return text_on(self.label)


def colour(value: str | None, otherwise: str) -> tuple[str, bool]:
    """A shell name or any readable colour as (`#rrggbb`, see-through?); anything else gives the fallback."""
    name = (value or otherwise).strip().lower()
    if name in SHELLS:
        return SHELLS[name], name in SEE_THROUGH
    try:
        return to_hex(parse(name)), False
    except ValueError:
        return SHELLS.get(otherwise, otherwise), otherwise in SEE_THROUGH


def shade(hexed: str, by: float) -> str:
    """The same hue, lighter (positive) or darker by this much of OKLCH lightness."""
    seen = parse(hexed)
    return to_hex(fit(replace(seen, lightness=min(max(seen.lightness + by, 0.05), 0.985))))


def lightness(hexed: str) -> float:
    """OKLCH lightness, 0–1."""
    return parse(hexed).lightness


def text_on(hexed: str) -> str:
    """Warm near-black or warm off-white, whichever is read better on this colour."""
    seen = parse(hexed)
    return to_hex(Oklch(0.2, 0.02, seen.hue) if seen.lightness > 0.6 else Oklch(0.965, 0.012, 85))


def lettering(
    text: str,
    at: tuple[float, float],
    size: float,
    fill: str,
    face: Face = PLAIN,
    *,
    room: float | None = None,
    anchor: str = "start",
) -> str:
    """One line of type; with `room` (units) it is condensed to fit, and cut with an ellipsis past that."""
    text = " ".join(text.split())
    if not text:
        return ""
    squeeze = ""
    if room is not None:
        longest = int(room / (size * face.each * 0.7))
        if len(text) > longest:
            text = text[: max(longest - 1, 1)].rstrip() + "…"
        if len(text) * size * face.each > room:
            squeeze = f' textLength="{room:g}" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<text x="{at[0]:g}" y="{at[1]:g}" font-family="{face.family}" font-size="{size:g}"'
        f' font-weight="{face.weight}" font-stretch="{face.width}%" text-anchor="{anchor}" fill="{fill}"'
        f"{squeeze}>{escape(text)}</text>"
    )


def ring(radius: float) -> str:
    """Path data of a full circle around (500, 500)."""
    return dot(500, 500, radius)


def dot(x: float, y: float, radius: float) -> str:
    """Path data of a full circle."""
    arc = f"{radius:.1f} {radius:.1f} 0 1 0"
    return f"M{x - radius:.1f} {y:.1f}a{arc} {2 * radius:.1f} 0a{arc}-{2 * radius:.1f} 0"


def picture(address: str | None, box: tuple[float, float, float, float], clip: str) -> str:
    """Artwork in a box (x, y, width, height), cut to the clip path with that id; nothing for an odd address."""
    if not address or not _SAFE_ADDRESS.fullmatch(address):
        return ""
    x, y, width, height = box
    return (
        f'<image href="{escape(address)}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        f' preserveAspectRatio="xMidYMid slice" clip-path="url(#{clip})"/>'
    )
