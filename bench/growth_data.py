"""A shop that has been going for years, made in a moment: past orders by set-based SQL, past drops, and copies that are sold."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, cast, insert, literal, select, update

from app.catalogue.models import Release, Run
from app.drops.models import Drop, DropRun
from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.db import Database, transaction
from bench.stand import Stall
from faults.many import orders_of_the_past
from tests.builders import make_drop, make_label, make_release, make_run

__all__ = ["orders_of_the_past", "past_drops", "sell_out"]

AGO = timedelta(days=30)


def past_drops(db: Database, now: datetime, count: int) -> None:
    """So many drops that are over, each of a run of its own that was never pressed; published, as a shop keeps them."""
    with transaction(db) as session:
        label = make_label(session)
        run = make_run(session, make_release(session, label), pressed=False)
        drop = make_drop(session, [run], opens_at=now - AGO, closes_at=now - AGO + timedelta(days=1))
        old = {"release": session.get_one(Release, run.release_id), "run": run, "drop": drop}
        for table in (Release, Run, Drop):
            first = old[table.__name__.lower()]
            columns = [column.key for column in table.__table__.columns if column.key != "id"]
            base = {key: getattr(first, key) for key in columns}
            session.execute(insert(table), [base | _names(table, n) for n in range(1, count)])
        runs = session.scalars(select(Run.id).where(Run.slug.like("past-%")).order_by(Run.id)).all()
        drops = session.scalars(select(Drop.id).where(Drop.slug.like("past-%")).order_by(Drop.id)).all()
        if runs:
            pairs = zip(runs, drops, strict=True)
            session.execute(insert(DropRun), [{"drop_id": d, "run_id": r, "position": 1} for r, d in pairs])


def _names(table: type[Release] | type[Run] | type[Drop], n: int) -> dict[str, object]:
    found: dict[str, object] = {"slug": f"past-{n}", "title": f"Past {n}"}
    return found | ({"catalogue_number": f"PAST-{n:05d}"} if table is Release else {})


def sell_out(db: Database, stall: Stall, now: datetime) -> None:
    """No copy of it can be had any more: all are withdrawn, with the movements that say so."""
    free = select(Copy.id).where(Copy.run_id == stall.run_id, Copy.state == CopyState.AVAILABLE)
    types = StockMovement.__table__.c
    values = {"at": now, "before": CopyState.AVAILABLE, "after": CopyState.WITHDRAWN, "actor": "staff:1", "reason": "promo"}
    columns = [literal(value, types[name].type) for name, value in values.items()]
    with transaction(db) as session:
        session.execute(
            insert(StockMovement).from_select(["copy_id", *values], free.with_only_columns(cast(Copy.id, BigInteger), *columns))
        )
        session.execute(update(Copy).where(Copy.run_id == stall.run_id).values(state=CopyState.WITHDRAWN))
