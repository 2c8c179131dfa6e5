"""A body in light: big screen dots for the shadow, a ruled ground in the second ink."""

from random import Random

from PIL import ImageChops

from app.seed.field import clipped, distance, down, each, hills, lines, screen, threshold
from app.seed.press import Plate, framed

RULES = 46


def halftone(rng: Random, size: int) -> list[Plate]:
    """A lit sphere in coarse dots before ruled lines that thicken towards the bottom."""
    x, y, radius = rng.uniform(0.4, 0.6), rng.uniform(0.4, 0.5), rng.uniform(0.29, 0.34)
    lamp = rng.choice([-1, 1]) * rng.uniform(0.1, 0.16)
    body, light = distance(size, x, y), distance(size, x + lamp, y - 0.13)
    disc = threshold(each(lambda p: radius - p["d"], d=body), size)
    around = threshold(each(lambda p: p["d"] - radius - 0.012, d=body), size)

    shade = each(lambda p: (p["l"] / radius) ** 1.7 * 0.46 + 0.02 + p["h"] * 0.2, l=light, h=hills(rng, size, 5, 3))
    inside = each(lambda p: p["s"] * p["m"] / 255, s=clipped(shade), m=disc.convert("F"))
    dots = screen(inside, size / rng.choice([44, 52, 60]), rng.choice([15, 30, 45]))

    calm = rng.uniform(0.02, 0.06)
    height = each(lambda p: p["y"] + p["h"] * calm, y=down(size), h=hills(rng, size, 2, 2))
    thick = each(lambda p: 0.06 + p["y"] ** 1.6 * 0.8, y=down(size))
    ground = ImageChops.multiply(lines(height, RULES, thick, size / RULES), around)
    return [Plate(framed(ground, 0.06), 1), Plate(framed(dots, 0.06), 0)]
