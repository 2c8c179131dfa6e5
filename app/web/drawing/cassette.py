"""A compact cassette seen from side A: shell, screws, printed label, window, hubs and the tape on them."""

import math

from app.web.drawing.ink import HEAVY, STRONG, TYPED, Thing, lettering, lightness, picture, shade

SIZE = (1000, 640)
_HUBS = ((322, 300), (678, 300))


def cassette(thing: Thing) -> str:
    """The drawing's inside, in units of a tenth of a millimetre (100 by 64)."""
    return "".join((_clips(thing), _shell(thing), _tape(thing), _label(thing), _window(thing), _hubs(), _foot(thing)))


def _clips(thing: Thing) -> str:
    hole = "M322 232h356a68 68 0 0 1 0 136h-356a68 68 0 0 1 0-136z"
    face = "M88 48h824a14 14 0 0 1 14 14v386a14 14 0 0 1-14 14h-824a14 14 0 0 1-14-14v-386a14 14 0 0 1 14-14z"
    return (
        f'<defs><clipPath id="{thing.key}l"><path d="{face}{hole}" clip-rule="evenodd"/></clipPath>'
        f'<clipPath id="{thing.key}w"><path d="M424 250h152v100h-152z"/></clipPath></defs>'
    )


def _shell(thing: Thing) -> str:
    outline = "M30 4h940a26 26 0 0 1 26 26v580a26 26 0 0 1-26 26h-940a26 26 0 0 1-26-26v-580a26 26 0 0 1 26-26z"
    opacity = ' fill-opacity="0.55"' if thing.see_through else ""
    screws = "".join(_screw(thing, x, y, turn) for x, y, turn in ((40, 40, 20), (960, 40, 65), (40, 600, 48), (960, 600, 8)))
    return (
        f'<path d="{outline}" fill="{thing.body}"{opacity} stroke="{thing.edge}" stroke-width="5"/>'
        f'<path d="M20 78v484M980 78v484M78 20h844M78 620h120M802 620h120" fill="none" stroke="{thing.edge}"'
        f' stroke-width="2"/>{screws}'
    )


def _screw(thing: Thing, x: float, y: float, turn: float) -> str:
    metal = shade(thing.body, 0.1 if lightness(thing.body) < 0.6 else -0.12)
    return (
        f'<g transform="translate({x} {y}) rotate({turn})"><circle r="16" fill="{metal}" stroke="{thing.edge}"'
        f' stroke-width="3"/><path d="M-9 0h18M0-9v18" stroke="{thing.edge}" stroke-width="4"/></g>'
    )


def _tape(thing: Thing) -> str:
    if not thing.see_through:
        return ""
    (left, y), (right, _) = _HUBS
    return (
        f'<g fill="#3a2a20"><circle cx="{left}" cy="{y}" r="172"/><circle cx="{right}" cy="{y}" r="96"/></g>'
        f'<path d="M170 386L64 574L300 612H700L936 574L762 350" fill="none" stroke="#3a2a20" stroke-width="5"/>'
        f'<g fill="{shade(thing.body, -0.1)}" stroke="{thing.edge}" stroke-width="3">'
        '<circle cx="64" cy="574" r="20"/><circle cx="936" cy="574" r="20"/></g>'
    )


def _label(thing: Thing) -> str:
    clip, ink = f"{thing.key}l", thing.print_ink
    bands = (
        f'<g clip-path="url(#{clip})"><path d="M70 40h860v430h-860z" fill="#f3eee2"/>'
        f'<path d="M70 206h860v260h-860z" fill="{thing.label}"/>'
        f'<path d="M70 192h860v6h-860z" fill="{thing.label}"/></g>'
    )
    art = picture(thing.artwork_url, (74, 206, 852, 256), clip)
    rules = '<path d="M190 118h700M190 168h700" stroke="#b9b1a1" stroke-width="2"/>'
    words = (
        lettering("A", (104, 166), 118, "#241d18", HEAVY)
        + lettering(thing.title, (194, 106), 46, "#241d18", STRONG, room=690)
        + lettering(thing.artist, (194, 157), 31, "#241d18", room=430)
        + lettering(thing.catalogue_number, (890, 156), 22, "#241d18", TYPED, room=230, anchor="end")
    )
    small = (
        ""
        if art
        else lettering("Dolby off", (104, 438), 19, ink, TYPED) + lettering("Stereo", (896, 438), 19, ink, TYPED, anchor="end")
    )
    return bands + art + rules + words + small


def _window(thing: Thing) -> str:
    dark = shade(thing.body, -0.14 if lightness(thing.body) > 0.4 else 0.06)
    (left, y), (right, _) = _HUBS
    well = "" if thing.see_through else f' fill="{dark}"'
    opening = "M322 232h356a68 68 0 0 1 0 136h-356a68 68 0 0 1 0-136z"
    ticks = "".join(f"M{x} 350v-{14 if n % 2 else 22}" for n, x in enumerate(range(440, 574, 15)))
    return (
        f'<path d="{opening}"{well or " fill={q}none{q}".format(q=chr(34))} stroke="{thing.edge}" stroke-width="4"/>'
        f'<path d="M424 250h152v100h-152z" fill="#ece7da" fill-opacity="{0.25 if thing.see_through else 1}"/>'
        f'<g clip-path="url(#{thing.key}w)"><circle cx="{left}" cy="{y}" r="172" fill="#3a2a20"/>'
        f'<circle cx="{right}" cy="{y}" r="96" fill="#3a2a20"/></g>'
        f'<path d="M424 250h152v100h-152z" fill="none" stroke="{thing.edge}" stroke-width="4"/>'
        f'<path d="{ticks}" stroke="#f3eee2" stroke-width="2"/>'
    )


def _hubs() -> str:
    return "".join(_hub(x, y, turn) for (x, y), turn in zip(_HUBS, (12, 41), strict=True))


def _hub(x: float, y: float, turn: float) -> str:
    teeth = "".join(
        f"M{math.cos(a) * 40:.1f} {math.sin(a) * 40:.1f}L{math.cos(a) * 24:.1f} {math.sin(a) * 24:.1f}"
        for a in (math.radians(turn + 60 * n) for n in range(6))
    )
    return (
        f'<g transform="translate({x} {y})"><circle r="54" fill="#f6f3ea" stroke="#2a2320" stroke-width="3"/>'
        f'<circle r="40" fill="#2a2320"/><path d="{teeth}" stroke="#f6f3ea" stroke-width="11"/></g>'
    )


def _foot(thing: Thing) -> str:
    holes = shade(thing.body, -0.32 if lightness(thing.body) > 0.4 else -0.1)
    return (
        f'<path d="M206 636L246 500H754L794 636" fill="{shade(thing.body, 0.03)}"'
        f' fill-opacity="{0.4 if thing.see_through else 1}" stroke="{thing.edge}" stroke-width="4"/>'
        f'<g fill="{holes}"><circle cx="322" cy="590" r="19"/><circle cx="678" cy="590" r="19"/>'
        f'<path d="M402 580h28v28h-28zM570 580h28v28h-28z"/></g>' + _screw(thing, 500, 548, 33)
    )
