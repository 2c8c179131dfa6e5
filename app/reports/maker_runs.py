"""What happened to the runs in which makers have a share: sales, what went back, and costs, in sequence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue.maker_models import RunCost
from app.reports import maker_flows
from app.reports.book_period import Period
from app.reports.maker_held import Held
from app.reports.maker_math import Step
from app.reports.minutes import instant


@dataclass(frozen=True)
class Event:
    """A step in the account of a run, with what it is of: a cost, or a row of lines; in sequence by time."""

    at: datetime
    run_id: int
    step: Step
    row: Any = None
    cost: RunCost | None = None


def before(session: Session, known: Held, period: Period) -> Iterator[Event]:
    """What happened before a period, by the minute."""
    return _merged(_summed(session, known, None, period.begins, period), _costs(known, None, period.first, period.zone))


def within(session: Session, known: Held, period: Period) -> Iterator[Event]:
    """What happened in a period, by the minute."""
    summed = _summed(session, known, period.begins, period.ends, period)
    return _merged(summed, _costs(known, period.first, _after(period), period.zone))


def singly(session: Session, known: Held, period: Period) -> Iterator[Event]:
    """What happened in a period, line by line."""
    rows = session.execute(maker_flows.one_by_one(list(known.release_of), period.begins, period.ends))
    events = (Event(row.at, row.run_id, _step(row, row.at, row.sold_at, period), row) for row in rows)
    return _merged(events, _costs(known, period.first, _after(period), period.zone))


def _summed(session: Session, known: Held, begins: datetime | None, ends: datetime, period: Period) -> Iterator[Event]:
    for row in session.execute(maker_flows.by_minute(list(known.release_of), begins, ends)):
        at, sold_at = instant(row.at), instant(row.sold_at)
        yield Event(at, row.run_id, _step(row, at, sold_at, period), row)


def _step(row: Any, at: datetime, sold_at: datetime, period: Period) -> Step:
    return Step(period.day_of(at), period.day_of(sold_at), int(row.gross) - int(row.tax) - int(row.fee))


def _costs(known: Held, first: date | None, before_day: date, zone: str) -> list[Event]:
    """A cost counts from the beginning of its day on."""
    return [
        Event(Period(cost.spent_on, cost.spent_on, zone).begins, cost.run_id, _spent(cost), cost=cost)
        for cost in known.costs
        if cost.spent_on < before_day and (first is None or cost.spent_on >= first)
    ]


def _spent(cost: RunCost) -> Step:
    return Step(cost.spent_on, cost.spent_on, cost=cost.amount)


def _merged(events: Iterable[Event], costs_: Sequence[Event]) -> Iterator[Event]:
    """Both in sequence; of one moment the costs come first."""
    waiting = list(costs_)
    for event in events:
        while waiting and waiting[0].at <= event.at:
            yield waiting.pop(0)
        yield event
    yield from waiting


def _after(period: Period) -> date:
    return date.fromordinal(period.last.toordinal() + 1)
