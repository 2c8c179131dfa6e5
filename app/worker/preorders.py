"""What the worker does for pre-orders: mails to many, some at a time, and parcels locked when their day is over."""

from datetime import datetime

from app.checkout import asking, latecomers, telling
from app.checkout.followers import pieces
from app.checkout.house import House
from app.kernel.db import reading, transaction
from app.kernel.outbox import Leased
from app.worker.bench import Bench


def tell(bench: Bench, job: Leased) -> None:
    """Tell the fans of a run what changed; when it breaks off, it goes on where it was and tells nobody twice."""
    house, run_id = bench.house, job.payload["run"]
    with transaction(house.db) as session:
        wave = telling.begin(session, run_id)
    if wave is None:
        return
    for some in pieces(wave.fans):
        with transaction(house.db) as session:
            telling.tell(session, wave, some, house.clock.now())
    with transaction(house.db) as session:
        telling.end(session, wave)


def tell_late(bench: Bench, job: Leased) -> None:
    """Tell one who paid after the others had been told."""
    with transaction(bench.house.db) as session:
        latecomers.catch_up(session, job.payload["order"], job.payload["run"], bench.house.clock.now())


def ask(bench: Bench, job: Leased) -> None:
    """Ask the fans of a run whether they still live there."""
    house, run_id = bench.house, job.payload["run"]
    with reading(house.db) as session:
        fans = asking.to_ask(session, run_id)
    for some in pieces(fans):
        with transaction(house.db) as session:
            asking.ask(session, run_id, some, house.clock.now())


def lock_due(house: House, now: datetime) -> None:
    """Looked at first without the write lock, as most of the time no day has come."""
    with reading(house.db) as session:
        runs = asking.due(session, now)
    for run_id in runs:
        with transaction(house.db) as session:
            asking.lock(session, run_id, now)
