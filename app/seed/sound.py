"""Short audio previews for the demo label, played by chance and code."""

from random import Random

from app.seed.moods import MOODS


def preview(seed: int, mood: str, seconds: float = 8.0) -> bytes:
    """A 16-bit mono WAV at 22.05 kHz, faded in and out: the same arguments always give the same piece.

    KeyError for an unknown mood, ValueError for a length outside 1 to 30 seconds.
    """
    if not 1 <= seconds <= 30:
        raise ValueError("a preview lasts from 1 to 30 seconds")
    rng = Random(f"{mood} {seed}")  # noqa: S311 - chance for music, not for secrets
    return MOODS[mood](rng, seconds).wav(rise=0.06, fall=min(1.4, seconds / 3))
