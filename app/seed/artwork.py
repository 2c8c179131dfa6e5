"""Cover artwork for the demo label, printed by chance and code in two spot inks."""

from random import Random

from app.seed.press import print_sheet
from app.seed.styles import STYLES


def artwork(seed: int, style: str, palette: tuple[str, ...], size: int = 1400) -> bytes:
    """A square JPEG, `size` pixels wide: the same arguments always give the same sheet.

    `palette` is the paper, the loud ink and the quiet ink as '#rrggbb'. KeyError for an unknown style, ValueError for
    a short palette.
    """
    if len(palette) < 3:
        raise ValueError("a palette is the paper and two inks")
    rng = Random(f"{style} {seed}")  # noqa: S311 - chance for pictures, not for secrets
    return print_sheet(rng, STYLES[style](rng, size), palette, size)
