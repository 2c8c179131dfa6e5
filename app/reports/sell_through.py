"""How fast runs sold: of the copies made, how many had gone after an hour, a day, a week, a month, from their drop's opening on."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select, union_all
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Release, Run
from app.drops.models import Drop, DropRun
from app.inventory import counts
from app.orders.models import Order, OrderLine
from app.payments.models import Fate, PartKind, Refund, RefundPart
from app.payments.states import GONE
from app.reports.book_sales import Line, When, sales
from app.reports.minutes import instant, minute_of
from app.reports.sell_curve import MARKS, SellThrough


def sell_through(session: Session, label_id: int, now: datetime) -> tuple[SellThrough, ...]:
    """Every pressed run of a label, by catalogue number."""
    rows = session.execute(
        select(Run, Release, Artist.name)
        .join(Release, Release.id == Run.release_id)
        .join(Artist, Artist.id == Release.artist_id)
        .where(Release.label_id == label_id, Run.pressed_at.is_not(None))
        .order_by(Release.catalogue_number, Run.id)
    ).all()
    ids = [run.id for run, _, _ in rows]
    opened, steps, stock = _opened(session, ids), _steps(session, ids), counts.tallies(session, ids)
    found = []
    for run, release, artist in rows:
        t0, mine = opened.get(run.id), steps.get(run.id, [])
        row = SellThrough(
            run_id=run.id, catalogue_number=release.catalogue_number, artist=artist, title=release.title, run_title=run.title,
            t0=t0, made=stock[run.id].made, sold=mine[-1][1] if mine else 0, after=_after(t0, mine, now), steps=tuple(mine),
        )  # fmt: skip
        found.append(row)
    return tuple(found)


def _after(t0: datetime | None, steps: Sequence[tuple[datetime, int]], now: datetime) -> tuple[int | None, ...]:
    if t0 is None:
        return (None,) * len(MARKS)
    sums = []
    for mark in MARKS:
        before = [sold for at, sold in steps if at < t0 + mark]
        sums.append(None if now < t0 + mark else before[-1] if before else 0)
    return tuple(sums)


def _opened(session: Session, run_ids: Sequence[int]) -> dict[int, datetime]:
    first = select(DropRun.run_id, func.min(Drop.opens_at)).join(Drop, Drop.id == DropRun.drop_id)
    mine = first.where(DropRun.run_id.in_(run_ids), Drop.published_at.is_not(None)).group_by(DropRun.run_id)
    return dict(session.execute(mine).all())


def _steps(session: Session, run_ids: Sequence[int]) -> dict[int, list[tuple[datetime, int]]]:
    """The minutes in which copies of each run were sold or came back, as the books count them, with the running sum."""
    of_runs = OrderLine.run_id.in_(run_ids)

    def went(at: When) -> Line:
        line = select(OrderLine.run_id, at.label("at"), OrderLine.quantity.label("copies"))
        return line.select_from(OrderLine).join(Order, Order.id == OrderLine.order_id).where(of_runs)

    back = case((RefundPart.fate == Fate.KEPT, 0), else_=-1).label("copies")
    came = select(OrderLine.run_id, Refund.created_at.label("at"), back).select_from(RefundPart)
    parts = came.join(Refund, Refund.id == RefundPart.refund_id).join(OrderLine, OrderLine.id == RefundPart.order_line_id)
    gone = parts.where(RefundPart.kind == PartKind.COPY, Refund.state.in_(GONE), of_runs)
    every = union_all(*sales(went), gone).subquery()
    minute = minute_of(every.c.at)
    sums = select(every.c.run_id, minute, func.sum(every.c.copies)).group_by(every.c.run_id, minute).order_by(minute)
    found: dict[int, list[tuple[datetime, int]]] = {}
    for run_id, text, copies in session.execute(sums):
        mine = found.setdefault(run_id, [])
        at = instant(text)
        mine.append((at, (mine[-1][1] if mine else 0) + int(copies)))
    return found
