"""Which object a format is, and the finished drawing of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from app.web.drawing import cassette, discs, paper
from app.web.drawing.ink import Thing, colour


@dataclass(frozen=True)
class Kind:
    """A format as it is drawn: size in units, what draws it, and the colours it has when none are given."""

    size: tuple[int, int]
    inside: Callable[[Thing], str]
    body: str
    label: str
    word: str


def _record(pressing: discs.Pressing) -> Callable[[Thing], str]:
    return lambda thing: discs.record(thing, pressing)


KINDS = {
    "cassette": Kind(cassette.SIZE, cassette.cassette, "bone", "#d03106", "Cassette"),
    "vinyl7": Kind(discs.SIZE, _record(discs.SEVEN), "black", "#d03106", "7-inch record"),
    "vinyl10": Kind(discs.SIZE, _record(discs.TEN), "black", "#d03106", "10-inch record"),
    "vinyl12": Kind(discs.SIZE, _record(discs.TWELVE), "black", "#d03106", "12-inch record"),
    "usb_zine": Kind(paper.USB_SIZE, paper.usb_zine, "black", "#d03106", "USB stick in a zine"),
    "zine": Kind(paper.ZINE_SIZE, paper.zine, "bone", "#d03106", "Zine"),
    "cd": Kind(discs.SIZE, discs.disc, "silver", "#d03106", "Compact disc"),
    "other": Kind(paper.OTHER_SIZE, paper.parcel, "bone", "#d03106", "Object"),
}


def kind_of(format: str) -> str:  # noqa: A002 (the domain's word; shadowing the builtin harms nothing here)
    """The kind a format is drawn as, however it is spelt (`vinyl_7`, `7″ vinyl`, `USB-zine`); else `other`."""
    word = re.sub(r"[^a-z0-9]", "", format.lower())
    inches = re.search(r"12|10|7", word)
    if word in {"cassette", "tape", "mc"}:
        return "cassette"
    if "usb" in word:
        return "usb_zine"
    if "zine" in word or "book" in word:
        return "zine"
    if word in {"cd", "cdr", "compactdisc"}:
        return "cd"
    if inches and re.search(r"vinyl|inch|in$|record|lathe|^\d+$", word):
        return f"vinyl{inches[0]}"
    return "vinyl12" if word in {"vinyl", "lp"} else "other"


def draw(  # noqa: PLR0913 (the particulars of one object, all but the colours by keyword)
    format: str,  # noqa: A002 (as above)
    body: str | None = None,
    label: str | None = None,
    *,
    title: str = "",
    artist: str = "",
    catalogue_number: str = "",
    artwork_url: str | None = None,
    alt: str | None = None,
    fine: bool = True,
) -> Markup:
    """An `<svg>` of the object; every text in it is escaped. `alt=""` makes it decoration."""
    name = kind_of(format)
    kind = KINDS[name]
    body_colour, see_through = colour(body, kind.body)
    thing = Thing(
        body=body_colour,
        label=colour(label, kind.label)[0],
        title=title,
        artist=artist,
        catalogue_number=catalogue_number,
        artwork_url=artwork_url,
        see_through=see_through,
        fine=fine,
    )
    return Markup(  # noqa: S704 (built from escaped parts above and below)
        f'<svg class="drawn drawn-{name}" viewBox="0 0 {kind.size[0]} {kind.size[1]}" {_spoken(alt, kind.word, title)}'
        f' xmlns="http://www.w3.org/2000/svg">{kind.inside(thing)}</svg>'
    )


def _spoken(alt: str | None, word: str, title: str) -> str:
    if alt == "":
        return 'aria-hidden="true" focusable="false"'
    return f'role="img" aria-label="{escape(alt or (f"{word}: {title}" if title else word))}"'
