"""Round things: records of 7, 10 and 12 inches with their grooves and matrix, and the compact disc."""

import math
import random
from dataclasses import dataclass

from app.web.drawing.ink import HEAVY, STRONG, TYPED, Thing, lettering, lightness, picture, ring, shade

SIZE = (1000, 1000)


@dataclass(frozen=True)
class Pressing:
    """Proportions of a record, as radii in units of which the disc has 494; `bands` are its tracks a side."""

    label: float
    hole: float
    bands: int
    speed: str


SEVEN = Pressing(label=252, hole=106, bands=1, speed="45")
TEN = Pressing(label=198, hole=14, bands=3, speed="45")
TWELVE = Pressing(label=166, hole=12, bands=5, speed="33⅓")


def record(thing: Thing, pressing: Pressing) -> str:
    """The drawing's inside: disc, grooves, a sheen, run-out with its matrix, centre label."""
    opacity = ' fill-opacity="0.62"' if thing.see_through else ""
    return (
        f'<circle cx="500" cy="500" r="494" fill="{thing.body}"{opacity} stroke="{thing.edge}" stroke-width="4"/>'
        + _grooves(thing, pressing)
        + _sheen(thing)
        + _matrix(thing, pressing)
        + _centre(thing, pressing)
    )


def _grooves(thing: Thing, pressing: Pressing) -> str:
    dark = lightness(thing.body) < 0.42
    ink, rest = shade(thing.body, 0.13 if dark else -0.12), shade(thing.body, -0.04 if dark else 0.05)
    lines, breaks = _cut(thing, pressing)
    return (
        f'<path d="{"".join(map(ring, lines))}" fill="none" stroke="{ink}" stroke-width="1.3"/>'
        f'<path d="{"".join(map(ring, breaks))}" fill="none" stroke="{rest}" stroke-width="6"/>'
    )


def _cut(thing: Thing, pressing: Pressing) -> tuple[list[float], list[float]]:
    """Radii of the groove's turns and of the rests between tracks; loud passages take more room."""
    dice = random.Random(thing.key)  # noqa: S311 (a pattern that must repeat, not a secret)
    inner, outer, step = pressing.label + 62, 474.0, 7.0 if thing.fine else 18.0
    rests = sorted(dice.uniform(inner + 20, outer - 20) for _ in range(pressing.bands - 1))
    lines, radius = [], outer
    while radius > inner:
        if not any(abs(radius - rest) < 8 for rest in rests):
            lines.append(radius)
        radius -= step * dice.uniform(0.62, 1.15)
    return [*lines, pressing.label + 34], rests


def _sheen(thing: Thing) -> str:
    """Two pairs of flat wedges, as light falls across a disc: a printer's sheen, no gradient."""
    wedges = "".join(
        f"M500 500L{500 + 474 * math.cos(a):.1f} {500 + 474 * math.sin(a):.1f}"
        f"A474 474 0 0 1 {500 + 474 * math.cos(b):.1f} {500 + 474 * math.sin(b):.1f}z"
        for a, b in ((math.radians(s), math.radians(s + w)) for s, w in ((198, 26), (18, 26), (230, 7), (50, 7)))
    )
    return f'<path d="{wedges}" fill="#fff8ea" fill-opacity="{0.1 if lightness(thing.body) < 0.42 else 0.22}"/>'


def _matrix(thing: Thing, pressing: Pressing) -> str:
    if not thing.fine or not thing.catalogue_number:
        return ""
    radius, ink = pressing.label + 16, shade(thing.body, 0.3 if lightness(thing.body) < 0.5 else -0.3)
    around = lettering(f"{thing.catalogue_number}-A1", (0, 0), 17, ink, TYPED)
    curved = around.replace(">", f'><textPath href="#{thing.key}m" startOffset="8%">', 1)
    return f'<defs><path id="{thing.key}m" d="{ring(radius)}"/></defs>' + curved.replace("</text>", "</textPath></text>")


def _centre(thing: Thing, pressing: Pressing) -> str:
    size, ink = pressing.label, thing.print_ink
    art = picture(thing.artwork_url, (500 - size, 500 - size, 2 * size, 2 * size), f"{thing.key}c")
    clip = f'<defs><clipPath id="{thing.key}c"><circle cx="500" cy="500" r="{size:g}"/></clipPath></defs>'
    words = "" if art else _imprint(thing, pressing, ink)
    return (
        f'{clip}<circle cx="500" cy="500" r="{size:g}" fill="{thing.label}"/>{art}{words}'
        f'<circle cx="500" cy="500" r="{pressing.hole + 10:g}" fill="none" stroke="{ink}" stroke-width="1.5"/>'
        f'<circle cx="500" cy="500" r="{pressing.hole:g}" fill="var(--paper, #f7f2e8)" stroke="{thing.edge}"'
        ' stroke-width="2"/>'
    )


def _imprint(thing: Thing, pressing: Pressing, ink: str) -> str:
    size, clear = pressing.label, pressing.hole + 10
    above, below = 500 - clear - (size - clear) * 0.36, 500 + clear + (size - clear) * 0.42
    room = 2 * math.sqrt(size**2 - (500 - above + 24) ** 2) * 0.92
    return (
        lettering(thing.title, (500, above), size * 0.15, ink, STRONG, room=room, anchor="middle")
        + lettering(thing.artist, (500, below), size * 0.1, ink, room=room, anchor="middle")
        + lettering(
            thing.catalogue_number,
            (500 - clear - 14, 506),
            size * 0.082,
            ink,
            TYPED,
            anchor="end",
            room=size - clear - 26,
        )
        + lettering(f"A {pressing.speed}", (500 + clear + 14, 506), size * 0.082, ink, TYPED)
    )


def disc(thing: Thing) -> str:
    """A compact disc, printed side up: the body is what shows at the hub, the label is the print."""
    ink = thing.print_ink
    hub = shade(thing.body, -0.12)
    print_ = f"{ring(484)}{ring(196)}"
    clip = f'<defs><clipPath id="{thing.key}c"><path d="{print_}" clip-rule="evenodd"/></clipPath></defs>'
    art = picture(thing.artwork_url, (16, 16, 968, 968), f"{thing.key}c")
    words = (
        ""
        if art
        else (
            lettering(thing.title, (500, 236), 84, ink, HEAVY, room=560, anchor="middle")
            + lettering(thing.artist, (500, 802), 48, ink, room=520, anchor="middle")
            + lettering(thing.catalogue_number, (270, 508), 24, ink, TYPED, room=180, anchor="end")
            + lettering("Stereo", (730, 508), 24, ink, TYPED)
        )
    )
    return (
        f'{clip}<circle cx="500" cy="500" r="494" fill="{thing.body}" stroke="{thing.edge}" stroke-width="4"/>'
        f'<path d="{print_}" fill="{thing.label}" fill-rule="evenodd"/>{art}{words}'
        f'<path d="{ring(172)}{ring(140)}" fill="none" stroke="{hub}" stroke-width="2"/>'
        f'<circle cx="500" cy="500" r="63" fill="var(--paper, #f7f2e8)" stroke="{hub}" stroke-width="3"/>'
    )
