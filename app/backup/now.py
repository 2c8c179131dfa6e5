"""A backup at the press of a button at the desk."""

from contextlib import nullcontext
from datetime import datetime

from flask import Flask

from app.backup.manifest import BackupTrouble
from app.backup.taking import take
from app.web.house import of_app


def one_now(app: Flask, now: datetime) -> str | None:
    """Write one into BACKUP_DIR, beside those that are there; what stood in its way, or nothing."""
    here = of_app(app)
    assert here.settings.backup_dir is not None  # noqa: S101 - the desk asks only where there is one
    try:
        take(
            here.db,
            here.settings.media_dir,
            here.settings.backup_dir,
            now,
            keep=None,
            bar=lambda _what, _steps: nullcontext(_nobody),
        )
    except (BackupTrouble, OSError) as trouble:
        return str(trouble)
    return None


def _nobody(_step: int) -> None:
    """Nobody watches a bar here."""
