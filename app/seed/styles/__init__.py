"""Ways to make a cover: each takes a generator of chance and a side in pixels, and gives the plates to print."""

from collections.abc import Callable
from random import Random

from app.seed.press import Plate
from app.seed.styles.contour import contour
from app.seed.styles.cutout import cutout
from app.seed.styles.halftone import halftone
from app.seed.styles.moire import moire
from app.seed.styles.overprint import overprint
from app.seed.styles.stipple import stipple
from app.seed.styles.xerox import xerox

Style = Callable[[Random, int], list[Plate]]

STYLES: dict[str, Style] = {
    "overprint": overprint,
    "halftone": halftone,
    "moire": moire,
    "cutout": cutout,
    "contour": contour,
    "stipple": stipple,
    "xerox": xerox,
}
