"""Scissors and coloured paper: pebbles and leaves of two papers, laid over each other."""

import math
from random import Random

from PIL import ImageDraw

from app.seed.press import Plate, draw_plate
from app.seed.shapes import Point, blob, frond


def cutout(rng: Random, size: int) -> list[Plate]:
    """Two big pebbles of the quiet paper, leaves cut out of them and leaves of the loud paper laid upon them."""
    x = rng.uniform(0.3, 0.7)
    stones = [blob(rng, x, 0.4, 0.3, 6, 0.2), blob(rng, 1 - x, 0.78, 0.2, 6, 0.24)]
    stones += [blob(rng, 1 - x * 0.9, 0.17, 0.08, 7, 0.16)]
    leaves: list[list[Point]] = []
    for i in range(3):
        foot = 0.2 + 0.3 * i + rng.uniform(-0.07, 0.07)
        leaves += frond(rng, foot, 1.03, rng.uniform(0.62, 0.92), -math.pi / 2 + rng.uniform(-0.3, 0.3), rng.randrange(4, 7))
    holes = frond(rng, x + 0.02, 0.66, 0.5, -math.pi / 2 + rng.uniform(-0.3, 0.3), 5)
    sun = blob(rng, 1 - x, 0.3, rng.uniform(0.1, 0.14), 13, 0.03)

    def quiet(pen: ImageDraw.ImageDraw, side: float) -> None:
        _fill(pen, side, stones, 255)
        _fill(pen, side, holes, 0)

    def loud(pen: ImageDraw.ImageDraw, side: float) -> None:
        _fill(pen, side, [*leaves, sun], 255)

    return [Plate(draw_plate(size, quiet), 1), Plate(draw_plate(size, loud), 0)]


def _fill(pen: ImageDraw.ImageDraw, side: float, outlines: list[list[Point]], value: int) -> None:
    for outline in outlines:
        pen.polygon([(x * side, y * side) for x, y in outline], fill=value)
