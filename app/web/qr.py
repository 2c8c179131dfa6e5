"""A QR code as the path of an SVG, so that a page can draw it without a picture or a script."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """The dark squares as one SVG path, in a field of `side` units that includes the quiet zone."""

    side: int
    path: str


QUIET = 4  # units around it


def draw(text: str) -> Code:
    """The code that says `text`."""
    import segno  # slow import: only who enrols needs it  # noqa: PLC0415

    matrix = segno.make(text, error="m", micro=False).matrix
    dark = (f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(matrix) for x, cell in enumerate(row) if cell)
    return Code(len(matrix) + 2 * QUIET, "".join(dark))
