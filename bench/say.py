"""Tells whoever waits how far it is."""

import time

_BEGUN = time.monotonic()


def say(words: str) -> None:
    """One line, with the minutes and seconds since the start."""
    passed = int(time.monotonic() - _BEGUN)
    print(f"{passed // 60}:{passed % 60:02d}  {words}", flush=True)
