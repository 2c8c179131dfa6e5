"""Two line fields that beat against each other."""

from random import Random

from app.seed.field import across, distance, down, each, hills, lines
from app.seed.press import Plate, framed


def moire(rng: Random, size: int) -> list[Plate]:
    """Rings around two near points, or rings against waves, bent a little by the same hills."""
    x, y = rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65)
    bend = hills(rng, size, 2, 2)
    first = each(lambda p: p["d"] + p["h"] * 0.09, d=distance(size, x, y), h=bend)
    count = rng.choice([46, 54, 62])
    if rng.random() < 0.5:
        dx, dy = rng.uniform(0.05, 0.09) * rng.choice([-1, 1]), rng.uniform(0.05, 0.09) * rng.choice([-1, 1])
        second = each(lambda p: p["d"] - p["h"] * 0.12, d=distance(size, x + dx, y + dy), h=bend)
    else:
        lean = rng.uniform(0.2, 0.9)
        second = each(lambda p: p["y"] + p["x"] * lean + p["h"] * 0.3, x=across(size), y=down(size), h=bend)
    swell = each(lambda p: 0.5 + p["h"] * 0.5, h=hills(rng, size, 2))
    plates = [lines(first, count, swell, size / count), lines(second, count * 0.97, 0.42, size / count)]
    return [Plate(framed(plates[1], 0.05), 1), Plate(framed(plates[0], 0.05), 0)]
