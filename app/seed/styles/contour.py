"""A map of a country that is not there: contour lines of even width, water and one marked place."""

from random import Random

from PIL import Image, ImageChops, ImageDraw

from app.seed.field import FAR, Picture, each, hills, screen, threshold
from app.seed.press import Plate, draw_plate, framed


def contour(rng: Random, size: int) -> list[Plate]:
    """Thin lines in the loud ink, every fifth one strong; the low ground screened in the quiet one."""
    land = hills(rng, size, rng.choice([3, 4]), 3)
    thin, strong = _level_lines(land, 44, size / 700), _level_lines(land, 44 / 5, size / 300)
    wet = each(lambda p: -0.06 - p["h"], h=land)
    water = threshold(wet, 60)
    shore = screen(each(lambda p: 0.2 + p["w"] * 1.6, w=wet), size / 110, 20)
    x, y = rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.75)

    def place(pen: ImageDraw.ImageDraw, side: float) -> None:
        cx, cy, r = x * side, y * side, side * 0.047
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=255)

    mark = draw_plate(size, place)
    quiet = ImageChops.lighter(ImageChops.multiply(shore, water), mark)
    return [Plate(framed(quiet, 0.06), 1), Plate(framed(ImageChops.lighter(thin, strong), 0.06), 0)]


def _level_lines(land: Picture, levels: float, width: float) -> Picture:
    """Lines of equal height, `width` pixels wide wherever the ground is steep or flat."""
    right = land.transform(land.size, Image.Transform.AFFINE, (1, 0, 1, 0, 1, 0))
    below = land.transform(land.size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, 1))
    slope = each(lambda p: ((p["r"] - p["h"]) ** 2 + (p["b"] - p["h"]) ** 2) ** 0.5 + 0.00002, h=land, r=right, b=below)
    off = each(lambda p: abs((p["h"] * levels + FAR) % 1.0 - 0.5) / levels, h=land)
    return each(lambda p: (width / 2 + 0.5 - p["o"] / p["s"]) * 255, o=off, s=slope).convert("L")
