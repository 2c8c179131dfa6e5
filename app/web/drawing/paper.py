"""Folded things: the zine, the stick folded into a zine, and the plain parcel for anything else."""

import math
import random

from app.web.drawing.ink import HEAVY, STRONG, TYPED, Thing, dot, lettering, lightness, picture, shade

ZINE_SIZE = (760, 1000)
USB_SIZE = (1000, 1000)
OTHER_SIZE = (1000, 760)


def zine(thing: Thing) -> str:
    """A stapled booklet: the pages behind the cover, a screened cover print, title, two staples."""
    return _booklet(thing, (40, 20), (660, 950)) + _staples((40, 20), 950)


def usb_zine(thing: Thing) -> str:
    """A folded sheet with a stick held in its slits; the body is the stick, the label is the paper's ink."""
    return _booklet(thing, (150, 30), (640, 930)) + _staples((150, 30), 930) + _stick(thing)


def parcel(thing: Thing) -> str:
    """Something wrapped, tied with string, with a tag that says what it is."""
    line = thing.edge
    return (
        f'<path d="M20 20h960v720h-960z" fill="{thing.body}" stroke="{line}" stroke-width="4"/>'
        f'<path d="M20 20l190 150M980 20l-190 150M20 740l190-150M980 740l-190-150" stroke="{line}" stroke-width="2"/>'
        f'<path d="M330 20v720M344 20v720M20 250h960M20 264h960" stroke="{thing.label}" stroke-width="5"/>'
        '<path d="M420 330h460l40 100l-40 100h-460z" fill="#f3eee2" stroke="#241d18" stroke-width="3"/>'
        f'<path d="M337 257C420 250 960 250 872 430" fill="none" stroke="{thing.label}" stroke-width="5"/>'
        '<circle cx="872" cy="430" r="13" fill="none" stroke="#241d18" stroke-width="3"/>'
        + lettering(thing.catalogue_number, (450, 384), 26, "#241d18", TYPED, room=380)
        + lettering(thing.title, (450, 446), 50, "#241d18", STRONG, room=380)
        + lettering(thing.artist, (450, 498), 32, "#241d18", room=380)
    )


def _booklet(thing: Thing, at: tuple[float, float], size: tuple[float, float]) -> str:
    (x, y), (width, height) = at, size
    sheet, edge, ink = "#f3eee2", "#8d8474", thing.label
    pages = "".join(
        f'<path d="M{x + 30} {y + 2 * n}h{width - 30 + 7 * n}v{height - 4 * n}h-{width - 30 + 7 * n}z" fill="{sheet}"'
        f' stroke="{edge}" stroke-width="2"/>'
        for n in (3, 2, 1)
    )
    top = height * 0.62
    clip = f'<defs><clipPath id="{thing.key}z"><path d="M{x} {y}h{width}v{top:g}h-{width}z"/></clipPath></defs>'
    art = picture(thing.artwork_url, (x, y, width, top), f"{thing.key}z")
    return (
        f'{clip}{pages}<path d="M{x} {y}h{width}v{height}h-{width}z" fill="{sheet}" stroke="{edge}" stroke-width="2"/>'
        + (art or f'<path d="M{x} {y}h{width}v{top:g}h-{width}z" fill="{ink}"/>' + _screen(thing, at, width, top))
        + f'<path d="M{x + 22} {y}v{height}" stroke="{edge}" stroke-width="1.5"/>'
        + _cover_words(thing, at, size)
    )


def _cover_words(thing: Thing, at: tuple[float, float], size: tuple[float, float]) -> str:
    left, room, foot = at[0] + 54, size[0] - 108, at[1] + size[1]
    return (
        lettering(thing.title, (left, foot - size[1] * 0.235), 92, "#241d18", HEAVY, room=room)
        + lettering(thing.artist, (left, foot - size[1] * 0.165), 48, "#241d18", room=room)
        + f'<path d="M{left} {foot - 96:g}h{room:g}" stroke="#241d18" stroke-width="2"/>'
        + lettering(thing.catalogue_number, (left, foot - 52), 26, "#241d18", TYPED, room=room)
    )


def _screen(thing: Thing, at: tuple[float, float], width: float, height: float) -> str:
    """A coarse halftone: dots swell where two waves meet; the title decides the waves, so it is always the same."""
    dice = random.Random(thing.key)  # noqa: S311 (a pattern that must repeat, not a secret)
    turns, bend, drift = dice.uniform(0.6, 1.5), dice.uniform(-0.9, 0.9), dice.uniform(0, 6.3)
    step = 30 if thing.fine else 66
    dots = []
    for row in range(int(height // step)):
        for column in range(int((width - 22) // step)):
            u, v = column * step / width, row * step / height
            swell = 0.5 + 0.5 * math.sin(6.28 * turns * (u + bend * v) + 2.4 * math.sin(3.1 * v + drift) + drift)
            radius = step * 0.52 * swell
            if radius > step * 0.07:
                cx, cy = at[0] + 22 + (column + 0.5) * step, at[1] + (row + 0.5) * step
                dots.append(dot(cx, cy, radius))
    ink = shade(thing.label, 0.24 if lightness(thing.label) < 0.55 else -0.24)
    return f'<path d="{"".join(dots)}" fill="{ink}"/>'


def _staples(at: tuple[float, float], height: float) -> str:
    x = at[0] + 11
    return "".join(f'<path d="M{x} {at[1] + height * share:g}v54" stroke="#6f6a62" stroke-width="6"/>' for share in (0.22, 0.7))


def _stick(thing: Thing) -> str:
    line, metal = thing.edge, "#c9c7c1"
    slits = '<path d="M-92-66l44-44M92-66l-44-44M-92 196l44 44M92 196l-44 44" stroke="#241d18" stroke-width="4"/>'
    return (
        '<g transform="translate(716 300) rotate(9)">'
        f'<path d="M-50-256h100v150h-100z" fill="{metal}" stroke="#77736b" stroke-width="4"/>'
        '<path d="M-30-226h20v26h-20zM10-226h20v26h-20z" fill="#77736b"/>'
        f'<path d="M-72-106h144v340a16 16 0 0 1-16 16h-112a16 16 0 0 1-16-16z" fill="{thing.body}" stroke="{line}"'
        ' stroke-width="4"/>'
        f'<path d="M-72-66h144M-20 222h40" stroke="{line}" stroke-width="3"/>'
        '<path d="M-46-40h92v226h-92z" fill="#f3eee2"/>'
        f'<g transform="translate(14 170) rotate(-90)">'
        + lettering(thing.catalogue_number, (0, 0), 30, "#241d18", TYPED, room=194)
        + f"</g>{slits}</g>"
    )
