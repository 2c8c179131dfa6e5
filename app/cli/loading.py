"""How a process of the shop loads its program."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load and put together inside the block what is to stay until the process ends."""
    # structlog would load it, with Pygments, where somebody has installed it; our tracebacks are plain lines.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # so an import is told that there is none
    # Nearly all that is made while loading stays for good. Looking through it for garbage again and again costs a fifth of
    # the start, and every full search later would go through it once more: it is set aside instead.
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
