"""Outlines for the pen: smooth closed curves, leaves and blobs, as lists of points."""

import math
from collections.abc import Sequence
from random import Random

Point = tuple[float, float]


def smooth(corners: Sequence[Point], steps: int = 14) -> list[Point]:
    """A closed curve through all the corners (Catmull-Rom)."""
    curve = []
    count = len(corners)
    for i in range(count):
        a, b, c, d = (corners[(i + k - 1) % count] for k in range(4))
        curve += [(_blend(a[0], b[0], c[0], d[0], k / steps), _blend(a[1], b[1], c[1], d[1], k / steps)) for k in range(steps)]
    return curve


def blob(rng: Random, x: float, y: float, radius: float, corners: int = 7, wobble: float = 0.3) -> list[Point]:
    """A pebble around a point."""
    start = rng.uniform(0, math.tau)
    places = []
    for i in range(corners):
        angle, r = start + math.tau * i / corners, radius * rng.uniform(1 - wobble, 1 + wobble)
        places.append((x + r * math.cos(angle), y + r * math.sin(angle)))
    return smooth(places)


def leaf(x: float, y: float, length: float, angle: float, fat: float) -> list[Point]:
    """A cut-paper leaf from its foot: pointed below, round above; `fat` is its half width per length."""
    c, s = math.cos(angle), math.sin(angle)
    side = [(t / 12, fat * math.sin(math.pi * (t / 12) ** 0.8) ** 0.75) for t in range(13)]
    outline = [*side, *((u, -v) for u, v in reversed(side))]
    return [(x + length * (u * c - v * s), y + length * (u * s + v * c)) for u, v in outline]


def frond(rng: Random, x: float, y: float, length: float, angle: float, pairs: int) -> list[list[Point]]:
    """A stem that bends, with leaves in pairs and one at the top: several outlines of one paper."""
    outlines, bend, step = [], rng.uniform(-0.5, 0.5) / pairs, length / (pairs + 1)
    opening, fat = rng.uniform(0.8, 1.1), rng.uniform(0.12, 0.16)
    stem, thick = [(x, y)], 0.007
    for i in range(pairs):
        x, y, angle = x + step * math.cos(angle), y + step * math.sin(angle), angle + bend
        stem.append((x, y))
        reach = length * 0.36 * math.sin(math.pi * (0.3 + 0.55 * i / pairs))
        outlines += [leaf(x, y, reach, angle + turn, fat) for turn in (opening, -opening)]
    outlines.append(leaf(x, y, length * 0.26, angle, fat))
    over, under = [(u + thick, v) for u, v in stem], [(u - thick, v) for u, v in reversed(stem)]
    return [*outlines, [*over, *under]]


def _blend(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
