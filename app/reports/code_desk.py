"""Discount codes for the desk: a label's list with how often each is used, and one code with its uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.money import Money
from app.kernel.schema import table
from app.orders import codes, making_codes
from app.orders.models import DiscountCode, DiscountRun, HoldCode, Order, OrderCode, OrderState
from app.payments import attempts
from app.reports import code_used, run_names
from app.reports.deeds import Entry, of_entity

MOST = 200


class When(StrEnum):
    """Where a code stands."""

    LATER = "later"
    NOW = "now"
    OVER = "over"
    USED_UP = "used_up"


@dataclass(frozen=True)
class CodeRow:
    """A code in the list; `off` is its amount, `runs` what those are called that it is for (empty: every run)."""

    id: int
    code: str
    kind: str
    percent: int
    off: Money
    runs: tuple[str, ...]
    begins_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    most_uses: int | None
    once_per_fan: bool
    uses: int
    when: When


@dataclass(frozen=True)
class Use:
    """An order that a code made cheaper."""

    order_id: int
    reference: str
    name: str
    placed_at: datetime
    cancelled: bool
    off: Money


@dataclass(frozen=True)
class RunChoice:
    """A run that the code may be for."""

    id: int
    name: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class CodeDesk:
    """One code: its row, the last orders that used it, how many fans are paying with it now, and its history."""

    row: CodeRow
    label_id: int
    zone: str
    paying: int
    uses: tuple[Use, ...]
    history: list[Entry]


def rows(session: Session, label: Label, now: datetime) -> tuple[CodeRow, ...]:
    """A label's codes: those that may be used first, the newest first."""
    found = session.scalars(select(DiscountCode).where(DiscountCode.label_id == label.id).order_by(DiscountCode.id.desc())).all()
    made = _rows(session, found, label.currency, now)
    return tuple(sorted(made, key=lambda row: row.when in {When.OVER, When.USED_UP}))


def code_desk(session: Session, code: DiscountCode, label: Label, now: datetime) -> CodeDesk:
    """The page of one code."""
    [row] = _rows(session, [code], label.currency, now)
    orders = select(Order).join(OrderCode, OrderCode.order_id == Order.id).where(OrderCode.code_id == code.id)
    paying = select(func.count()).where(HoldCode.code_id == code.id, attempts.being_paid(table(HoldCode).c.hold_id))
    return CodeDesk(
        row=row,
        label_id=label.id,
        zone=label.time_zone,
        paying=session.scalar(paying) or 0,
        uses=tuple(_use(order) for order in session.scalars(orders.order_by(Order.id.desc()).limit(MOST))),
        history=of_entity(session, "discount_code", code.id, label.time_zone),
    )


def choices(session: Session, label_id: int, chosen: Sequence[int]) -> tuple[RunChoice, ...]:
    """The label's runs, to be ticked."""
    runs = making_codes.runs_of(session, label_id)
    called = run_names.names(session, [run.id for run in runs])
    return tuple(RunChoice(run.id, called[run.id], f"{run.release.title}, {run.title}", run.id in chosen) for run in runs)


def runs_of(session: Session, code_id: int) -> tuple[int, ...]:
    """The runs that a code is for."""
    return tuple(session.scalars(select(DiscountRun.run_id).where(DiscountRun.code_id == code_id).order_by(DiscountRun.run_id)))


def _rows(session: Session, found: Sequence[DiscountCode], currency: str, now: datetime) -> list[CodeRow]:
    ids = [code.id for code in found]
    pairs = session.execute(select(DiscountRun.code_id, DiscountRun.run_id).where(DiscountRun.code_id.in_(ids))).all()
    called = run_names.names(session, [run_id for _, run_id in pairs])
    runs = {code_id: tuple(called[run_id] for other, run_id in pairs if other == code_id) for code_id in ids}
    used = _uses(session, ids)
    return [_row(code, currency, runs[code.id], used.get(code.id, 0), now) for code in found]


def _uses(session: Session, ids: Sequence[int]) -> dict[int, int]:
    every = codes.uses_of(ids).subquery()
    return dict(session.execute(select(every.c.code_id, func.count()).group_by(every.c.code_id)).all())


def _row(code: DiscountCode, currency: str, runs: tuple[str, ...], uses: int, now: datetime) -> CodeRow:
    when = When.NOW
    if codes.over(code, now):
        when = When.OVER
    elif code.most_uses is not None and uses >= code.most_uses:
        when = When.USED_UP
    elif code.begins_at is not None and code.begins_at > now:
        when = When.LATER
    return CodeRow(
        id=code.id,
        code=code.code,
        kind=code.kind.value,
        percent=code.value,
        off=Money(code.value, currency),
        runs=runs,
        begins_at=code.begins_at,
        ends_at=code.ends_at,
        ended_at=code.ended_at,
        most_uses=code.most_uses,
        once_per_fan=code.once_per_fan,
        uses=uses,
        when=when,
    )


def _use(order: Order) -> Use:
    used = code_used.code_used(order)
    off = used.amount if used else Money(0, order.currency)
    return Use(order.id, order.reference, order.name, order.placed_at, order.state is OrderState.CANCELLED, off)
