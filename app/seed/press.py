"""A small two-colour press: paper, plates, spot inks that overprint, plates that never sit quite right."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

from app.seed.field import Picture, each, hills, specks


@dataclass(frozen=True)
class Plate:
    """What one ink prints: coverage (mode L, 255 is solid), and which ink of the palette, counted from 0."""

    coverage: Picture
    ink: int


def draw_plate(size: int, draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Picture:
    """Coverage drawn with shapes; `draw` gets the pen and the side in its units, and edges come out smooth."""
    big = Image.new("L", (size * 2, size * 2))
    draw(ImageDraw.Draw(big), float(size * 2))
    return big.resize((size, size), Image.Resampling.BOX)


def framed(coverage: Picture, margin: float) -> Picture:
    """The same coverage with an unprinted margin, a share of the side."""
    size, edge = coverage.width, round(coverage.width * margin)
    window = Image.new("L", coverage.size)
    window.paste(255, (edge, edge, size - edge, size - edge))
    return ImageChops.multiply(coverage, window)


def print_sheet(rng: Random, plates: Sequence[Plate], palette: Sequence[str], size: int) -> bytes:
    """The finished sheet as JPEG; palette[0] is the paper, the inks follow."""
    sheet = _paper(rng, palette[0], size)
    for plate in plates:
        ink = Image.new("RGB", (size, size), ImageColor.getrgb(palette[1 + plate.ink]))
        white = Image.new("RGB", (size, size), "white")
        sheet = ImageChops.multiply(sheet, Image.composite(ink, white, _pressed(rng, plate.coverage)))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=86, subsampling=0, optimize=True)
    return out.getvalue()


def _paper(rng: Random, colour: str, size: int) -> Picture:
    """Uncoated stock: a little cloudy, a little grainy."""
    grain = specks(rng, size).filter(ImageFilter.GaussianBlur(size / 1400))
    tone = each(lambda p: 249 + p["h"] * 8 + (p["g"] - 127) * 0.09, h=hills(rng, size, 5, 3), g=grain).convert("L")
    return ImageChops.multiply(Image.new("RGB", (size, size), ImageColor.getrgb(colour)), Image.merge("RGB", [tone] * 3))


def _pressed(rng: Random, coverage: Picture) -> Picture:
    """Out of register by a hair, unevenly inked, with pinholes where the paper stayed dry."""
    size, shift = coverage.width, coverage.width / 230
    dx, dy, turn = rng.uniform(-shift, shift), rng.uniform(-shift, shift), rng.uniform(-0.0016, 0.0016)
    matrix = (1.0, turn, dx - turn * size / 2, -turn, 1.0, dy + turn * size / 2)
    moved = coverage.transform(coverage.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=0)
    uneven = each(lambda p: 236 + p["h"] * 44, h=hills(rng, size, 3, 4)).convert("L")
    dry = specks(rng, size).filter(ImageFilter.GaussianBlur(0.8 * size / 1400)).point([_dryness(v) for v in range(256)])
    return ImageChops.multiply(ImageChops.multiply(moved, uneven), dry)


def _dryness(speck: int) -> int:
    return 255 if speck < 172 else max(60, 255 - (speck - 172) * 6)
