"""`python -m faults.writer FOLDER COUNT SYNCHRONOUS`: sells copies in FOLDER/shop.db, acknowledges each deed in FOLDER/acks.

It works with the shop's own functions and connections; another SYNCHRONOUS than FULL is a guard switched off, to be missed.
"""

import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.kernel.db import connect
from tests.builders import end_payment, open_attempt, open_drop, settle_as, take_with_details
from tests.cast import someone

CHECKPOINT_PAGES = 40  # so that a short story has checkpoints in it


def main(folder: Path, count: int, synchronous: str) -> None:
    """Sell `count` copies, one after the other."""
    db = connect(f"sqlite:///{folder / 'shop.db'}", pool_size=1)

    @event.listens_for(db.engine, "connect")
    def more(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        if synchronous != "FULL":
            connection.execute(f"PRAGMA synchronous={synchronous}")

    drop, run = open_drop(db, size=count)
    acks = os.open(folder / "acks", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in range(1, count + 1):
        person = someone(f"fan{number:04d}")
        hold = take_with_details(db, drop, {run: 1}, person)
        os.write(acks, f"hold {hold.id} {person.fan.id}\n".encode())
        if number % 3 == 0:
            continue  # walks away
        payment = settle_as(db, open_attempt(db, hold.id))
        assert payment is not None  # noqa: S101 - nothing goes wrong here but the current
        os.write(acks, f"order {payment.order_id} {person.fan.id}\n".encode())
        end_payment(db, payment.id)
        os.write(acks, f"captured {payment.id} {payment.intent_id}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
