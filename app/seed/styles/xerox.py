"""A photocopy of a photocopy: toner noise, a dragged original, one block of flat colour."""

from random import Random

from PIL import Image, ImageDraw, ImageFilter

from app.seed.field import Picture, distance, down, each, hills, specks, threshold
from app.seed.press import Plate, draw_plate, framed


def xerox(rng: Random, size: int) -> list[Plate]:
    """Mountains and a moon in toner, pulled sideways on the glass, over a flat block of the loud ink."""
    ridge = hills(rng, size, 3, 6)
    moon = distance(size, rng.uniform(0.3, 0.7), rng.uniform(0.24, 0.36))
    radius = rng.uniform(0.12, 0.18)
    dark = each(
        lambda p: p["y"] * 1.5 - 0.95 + p["h"] * 1.5 + p["f"] * 0.9,
        y=down(size),
        h=ridge,
        f=hills(rng, size, 24, 4),
    )
    lit = each(lambda p: p["max"](p["k"], (radius - p["m"]) * 6), k=dark, m=moon)
    toner = specks(rng, size).filter(ImageFilter.GaussianBlur(size / 1500))
    copied = threshold(each(lambda p: p["l"] - (p["t"] - 118) / 255 * 2.6, l=lit, t=toner.convert("F")), 4)
    x, y = rng.uniform(0.12, 0.4), rng.uniform(0.1, 0.3)

    def block(pen: ImageDraw.ImageDraw, side: float) -> None:
        pen.rectangle((x * side, y * side, (x + 0.46) * side, (y + 0.56) * side), fill=255)

    return [Plate(framed(draw_plate(size, block), 0.05), 0), Plate(framed(_dragged(rng, copied), 0.05), 1)]


def _dragged(rng: Random, copied: Picture) -> Picture:
    """Bands of the sheet slipped sideways, as when the original is moved under the lamp."""
    size = copied.width
    out = copied.copy()
    y, slip = int(size * rng.uniform(0.25, 0.45)), 0.0
    end = y + int(size * rng.uniform(0.2, 0.35))
    while y < end:
        height = max(1, int(size * rng.uniform(0.002, 0.02)))
        slip += size * rng.uniform(-0.018, 0.024)
        band = copied.crop((0, y, size, y + height))
        out.paste(Image.new("L", band.size), (0, y))
        out.paste(band, (round(slip), y))
        y += height
    return out
