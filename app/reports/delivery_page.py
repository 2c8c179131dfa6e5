"""What came of a run for the desk: deliveries that fell short, and each sold copy that did not come, by number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.catalogue.models import Run
from app.checkout import delivery_plan
from app.inventory import counts, differences, numbers_typed
from app.inventory.delivery_models import Delivery, Shortfall, ShortfallState, Unanswered
from app.inventory.models import Copy, StockCount
from app.inventory.numbers import issue_words, numbered
from app.inventory.shortfalls import OPEN
from app.kernel.errors import NotFound
from app.orders.models import Order, OrderLine
from app.reports.deeds import actors

MOST = 500  # rows shown; who is still owed a copy stands first


@dataclass(frozen=True)
class Came:
    """One delivery that fell short."""

    at: datetime
    who: str
    came: int
    expected: int
    then_refund: bool
    answer_by: datetime
    promise: str
    words: str


@dataclass(frozen=True)
class ShortRow:
    """A sold copy that did not come; `no` is № 017/100, `instead` what stands for it now."""

    id: int
    no: str
    order_id: int
    reference: str
    name: str
    state: ShortfallState
    answer_by: datetime
    due_at: datetime | None
    answered_at: datetime | None
    who: str
    words: str
    instead: str
    refund_id: int | None
    trouble: str

    @property
    def open(self) -> bool:
        """Is it still owed?"""
        return self.state in OPEN


@dataclass(frozen=True)
class DeliveryPage:
    """A run with what came of it; `expected` is how many copies should be here, `not_scanned` what an open count has not seen."""

    run_id: int
    label_id: int
    catalogue_number: str
    artist: str
    release_title: str
    run: str
    zone: str
    pressed: bool
    edition: int
    last: int
    expected: int
    reserve: int
    not_scanned: str
    deliveries: tuple[Came, ...]
    rows: tuple[ShortRow, ...]
    states: Counter[ShortfallState]

    @property
    def owed(self) -> int:
        """How many copies are still owed."""
        return sum(self.states[state] for state in OPEN)


def delivery_page(session: Session, run_id: int) -> DeliveryPage:
    """The page of a run. NotFound."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound("There is no such run.")
    deliveries = session.scalars(select(Delivery).where(Delivery.run_id == run_id).order_by(Delivery.id.desc())).all()
    rows, states = _rows(session, run)
    people = actors(session, {each.actor for each in deliveries})
    return DeliveryPage(
        run_id=run.id,
        label_id=run.release.label_id,
        catalogue_number=run.release.catalogue_number,
        artist=run.release.artist.name,
        release_title=run.release.title,
        run=run.title,
        zone=run.release.label.time_zone,
        pressed=run.pressed_at is not None,
        edition=run.edition_size,
        last=run.last_number,
        expected=delivery_plan.expected(session, run_id),
        reserve=counts.reserve(session, run_id),
        not_scanned=_not_scanned(session, run_id),
        deliveries=tuple(_came(each, people.get(each.actor, each.actor)) for each in deliveries),
        rows=rows,
        states=states,
    )


def _came(each: Delivery, who: str) -> Came:
    refund = each.unanswered is Unanswered.REFUND
    return Came(each.at, who, each.came, each.expected, refund, each.answer_by, each.promise, each.words)


def _rows(session: Session, run: Run) -> tuple[tuple[ShortRow, ...], Counter[ShortfallState]]:
    new = aliased(Copy)
    found = session.execute(
        select(Shortfall, Delivery.answer_by, Copy.number, Order, new.number, new.issue)
        .join(Delivery, Delivery.id == Shortfall.delivery_id)
        .join(Copy, Copy.id == Shortfall.copy_id)
        .join(OrderLine, OrderLine.id == Shortfall.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(new, new.id == Shortfall.instead_id)
        .where(Delivery.run_id == run.id)
        .order_by(Shortfall.closed_at.is_not(None), Order.placed_at, Order.id, Copy.number)
    ).all()
    states = Counter(row.state for row, *_ in found)
    people = actors(session, {row.answered_by for row, *_ in found[:MOST]} - {""})
    return tuple(_row(each, people, run.last_number) for each in found[:MOST]), states


def _row(found: Any, people: dict[str, str], last: int) -> ShortRow:
    row, answer_by, number, order, instead, issue = found
    words = ", ".join(filter(None, (numbered([instead], last), issue_words(issue or 0)))) if instead is not None else ""
    return ShortRow(
        id=row.id,
        no=numbered([number], last),
        order_id=order.id,
        reference=order.reference,
        name=order.name,
        state=row.state,
        answer_by=answer_by,
        due_at=row.due_at,
        answered_at=row.answered_at,
        who=people.get(row.answered_by, row.answered_by),
        words=row.words,
        instead=words,
        refund_id=row.refund_id,
        trouble=row.trouble,
    )


def _not_scanned(session: Session, run_id: int) -> str:
    """The numbers that an open count of the shelf has not seen, as they are typed; empty without one."""
    count = session.scalar(select(StockCount).where(StockCount.run_id == run_id, StockCount.closed_at.is_(None)))
    if count is None:
        return ""
    missing = [each.copy_id for each in differences.differences(session, count) if each.missing]
    return numbers_typed.write(_numbers(session, missing))


def _numbers(session: Session, copy_ids: Sequence[int]) -> list[int]:
    found = session.scalars(select(Copy.number).where(Copy.id.in_(copy_ids), Copy.number.is_not(None)))
    return [number for number in found if number is not None]
