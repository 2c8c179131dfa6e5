"""The hour before a drop opens: what fans count on by then changes only when a second person says yes; pure."""

from datetime import datetime, timedelta
from typing import Any

from app.catalogue.models import Run
from app.drops.doors import Door
from app.drops.models import Drop

LENGTH = timedelta(hours=1)
WHY = "“%s” opens within the hour, so its times, prices and counts change only with a second person's yes."
OF_DROP = ("opens_at", "closes_at", "limit_per_fan", "hold_minutes", "network_holds", "network_share", "runs")
OF_RUN = ("price", "limit_per_fan")


def has_begun(door: Door, now: datetime) -> bool:
    """Is it a published drop's last hour before it opens?"""
    return door.published and door.opens_at - LENGTH <= now < door.opens_at


def of_drop(drop: Drop) -> dict[str, Any]:
    """What of a drop is frozen then; its runs are ids in the sequence of the page."""
    columns = {name: getattr(drop, name) for name in OF_DROP if name != "runs"}
    return {**columns, "runs": tuple(entry.run_id for entry in drop.entries)}


def of_run(run: Run) -> dict[str, Any]:
    """What of a run is frozen then: all else about its copies was settled when it was pressed."""
    return {name: getattr(run, name) for name in OF_RUN}


def moved(kept: dict[str, Any], words: Any) -> dict[str, Any]:
    """What `words` (a form) would change of what is kept, with the new values."""
    return {name: getattr(words, name) for name, value in kept.items() if getattr(words, name) != value}
