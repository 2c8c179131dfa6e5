"""Whether fans could buy what a drop sells."""

from collections.abc import Sequence

from app.catalogue.models import Run
from app.kernel.errors import Conflict


def check_ready(runs: Sequence[Run]) -> None:
    """Conflict unless fans could buy every one of these runs."""
    if not runs:
        raise Conflict("A drop needs at least one run to sell.")
    for run in runs:
        if run.pressed_at is None:
            raise Conflict(f"“{run.title}” is not pressed yet, so there are no copies to sell. Press it first.")
        if not run.release.published:
            raise Conflict(f"“{run.release.title}” is not published yet, so fans could not look at it. Publish it first.")
