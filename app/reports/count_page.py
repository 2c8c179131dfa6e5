"""A count as its page shows it: how far it is, the last scan, what differs; and once it is closed, what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.inventory.differences import HERE, differences, may_be, owed
from app.inventory.models import Copy, CountedCopy, CountFinding, Finding, StockCount
from app.inventory.states import CopyState
from app.orders.models import Order, OrderLine
from app.reports import run_names
from app.reports.deeds import actors


@dataclass(frozen=True)
class Differs:
    """One difference; `order_id` is whose the copy is, `findings` what it may be named here."""

    copy_id: int
    name: str
    state: CopyState
    missing: bool
    order_id: int | None
    reference: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Named:
    """A difference that has a name."""

    copy_id: int
    name: str
    what: Finding
    words: str
    who: str


@dataclass(frozen=True)
class CountPage:
    """A count; `expected` is how many copies should be on the shelf now. Of a closed one nothing is compared any more."""

    id: int
    run_id: int
    label_id: int
    run: str
    zone: str
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    scanned: int
    expected: int
    differ: tuple[Differs, ...]
    named: tuple[Named, ...]


def count_page(session: Session, count: StockCount) -> CountPage:
    """The page of this count."""
    run = session.get_one(Run, count.run_id)
    label = run.release.label
    people = actors(session, {count.opened_by, count.closed_by} - {""})
    here = select(func.count()).where(Copy.run_id == run.id, Copy.state.in_(HERE), ~owed())
    scanned = select(func.count()).where(CountedCopy.count_id == count.id)
    return CountPage(
        id=count.id,
        run_id=run.id,
        label_id=label.id,
        run=run_names.names(session, [run.id])[run.id],
        zone=label.time_zone,
        opened_at=count.opened_at,
        opened_by=people.get(count.opened_by, count.opened_by),
        closed_at=count.closed_at,
        closed_by=people.get(count.closed_by, count.closed_by),
        scanned=session.scalar(scanned) or 0,
        expected=session.scalar(here) or 0,
        differ=_differ(session, count) if count.closed_at is None else (),
        named=_named(session, count),
    )


def counts_of(session: Session, run_id: int) -> Sequence[StockCount]:
    """The counts of a run, newest first."""
    return session.scalars(select(StockCount).where(StockCount.run_id == run_id).order_by(StockCount.id.desc())).all()


def _differ(session: Session, count: StockCount) -> tuple[Differs, ...]:
    found = differences(session, count)
    ids = [each.copy_id for each in found]
    names, owners = run_names.copy_names(session, ids), _owners(session, ids)
    made = []
    for each in found:
        order_id, reference = owners.get(each.copy_id, (None, ""))
        made.append(Differs(each.copy_id, names[each.copy_id], each.state, each.missing, order_id, reference, may_be(each)))
    return tuple(made)


def _owners(session: Session, copy_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    lines = select(Copy.id, Order).join(OrderLine, OrderLine.id == Copy.order_line_id).join(Order, Order.id == OrderLine.order_id)
    return {copy_id: (order.id, order.reference) for copy_id, order in session.execute(lines.where(Copy.id.in_(copy_ids)))}


def _named(session: Session, count: StockCount) -> tuple[Named, ...]:
    found = session.scalars(select(CountFinding).where(CountFinding.count_id == count.id).order_by(CountFinding.at)).all()
    names = run_names.copy_names(session, [each.copy_id for each in found])
    people = actors(session, {each.actor for each in found})
    return tuple(
        Named(each.copy_id, names[each.copy_id], each.what, each.words, people.get(each.actor, each.actor)) for each in found
    )
