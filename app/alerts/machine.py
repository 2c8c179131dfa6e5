"""Checks of the machine that the shop runs on: room on its disks, and whether there is a backup."""

import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.kernel.alerts import Found
from app.reports.backup_state import backup_state
from app.settings import Settings

_SHARE, _MOST = 0.1, 5e9  # a disk is nearly full when less than both is left: a tenth, and so many bytes


def disk_nearly_full(_session: Session, settings: Settings, _now: datetime) -> Iterable[Found]:
    """Each disk on which the shop writes, once, named by what it holds."""
    disks: dict[int, list[tuple[str, Path]]] = defaultdict(list)
    for name, folder in _folders(settings):
        there = _existing(folder)
        disks[there.stat().st_dev].append((name, there))
    for holding in disks.values():
        room = shutil.disk_usage(holding[0][1])
        if room.free < min(room.total * _SHARE, _MOST):
            names = " and ".join(name for name, _ in holding)
            left = f"{room.free / 1e9:.1f} GB left of {room.total / 1e9:.1f} GB"
            yield Found(f"disk.nearly_full/{holding[0][0]}", f"The disk with {names} has {left}.")


def backup_stale(session: Session, settings: Settings, now: datetime) -> Iterable[Found]:
    """Nothing when no BACKUP_DIR is set: then it is not the shop's business."""
    found = backup_state(session, settings, now)
    if found is None or not found.stale:
        return
    if found.age is None:
        yield Found("backup.stale", "No backup was ever made. Ask who runs the server to have flask backup run every night.")
    else:
        yield Found("backup.stale", f"The last backup was made {found.age / 3600:.0f} hours ago.")


def _folders(settings: Settings) -> Iterable[tuple[str, Path]]:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield "the database", Path(url.database).parent
    yield "media", settings.media_dir
    if settings.backup_dir is not None:
        yield "backups", settings.backup_dir


def _existing(folder: Path) -> Path:
    """A folder, or the nearest above it that is there already."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
