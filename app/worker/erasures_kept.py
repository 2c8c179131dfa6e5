"""Brings the record of erasures to where the backups are, whenever there is news: older backups still hold who was erased."""

from datetime import datetime

import structlog

from app.checkout.house import House
from app.kernel.db import reading
from app.privacy import record

log = structlog.get_logger()


def keep_record(house: House, now: datetime) -> None:
    """Nothing to do without BACKUP_DIR: then `flask backup` itself brings it along. A folder that is away is tried again."""
    del now
    folder = house.settings.backup_dir
    if folder is None:
        return
    with reading(house.db) as session:
        mine = record.entries(session)
    keys = house.settings.signing_keys
    try:
        if mine and record.is_behind(folder, mine, keys):
            record.write(folder, mine, keys)
    except OSError as fault:
        log.warning("the record of erasures cannot be written", folder=str(folder), error=fault.strerror)
