"""Sprayed grain: large round forms that fade into the paper and into each other."""

from random import Random

from PIL import ImageChops

from app.seed.field import Picture, clipped, distance, each, specks, threshold
from app.seed.press import Plate, framed


def stipple(rng: Random, size: int) -> list[Plate]:
    """One great disc of the quiet ink, two of the loud one passing before and behind it."""
    side = rng.choice([-1, 1])
    low = rng.uniform(0.56, 0.64)
    great = _sprayed(size, (0.5 - side * 0.07, low), 0.33, (side * 0.7, -0.6))
    small = _sprayed(size, (0.5 + side * 0.17, low - 0.29), 0.215, (-side * 0.75, 0.5))
    least = _sprayed(size, (0.5 + side * 0.24, low + 0.2), 0.12, (side * 0.6, 0.7))
    loud = each(lambda p: p["max"](p["a"], p["b"]), a=small, b=least)
    return [Plate(framed(_grain(rng, great), 0.04), 1), Plate(framed(_grain(rng, loud), 0.04), 0)]


def _sprayed(size: int, centre: tuple[float, float], radius: float, spray: tuple[float, float]) -> Picture:
    """The tone of one disc: dense where the spray comes from (in radii off the centre), bare on the far side."""
    x, y = centre
    edge = threshold(each(lambda p: radius - p["d"], d=distance(size, x, y)), size)
    away = distance(size, x + spray[0] * radius, y + spray[1] * radius)
    fade = clipped(each(lambda p: 1.0 - p["d"] / (radius * 1.95), d=away))
    return each(lambda p: p["f"] * p["m"] / 255, f=fade, m=edge.convert("F"))


def _grain(rng: Random, tone: Picture) -> Picture:
    size = tone.width
    coarse = specks(rng, max(64, size * 2 // 3)).resize((size, size))
    grain = ImageChops.blend(coarse, specks(rng, size), 0.35)
    return threshold(each(lambda p: p["t"] - 0.1 - p["g"] / 255 * 0.8, t=tone, g=grain.convert("F")), 5)
