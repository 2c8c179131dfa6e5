"""The lines behind a maker's statement: each sale, what went back, each cost, what each meant; and copies for nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.maker_models import Maker
from app.catalogue.models import Label
from app.catalogue.shares import Term
from app.fulfilment.models import Mishap
from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.reports import maker_runs, run_names
from app.reports.book_period import Period
from app.reports.maker_held import held
from app.reports.maker_page import open_accounts
from app.reports.maker_runs import Event

WORDS = ("damaged", "lost", "promo", "artist's share")  # what may stand on a statement of why a copy was withdrawn
COST, WITHDRAWN, AGAIN = "cost", "withdrawn", "again"


@dataclass(frozen=True)
class MakerLine:
    """One line. `kind` is a maker_flows.Flow, or one of the three above; `what` says more where there is more to say.

    `left` is what was paid less VAT and fee (below zero: what went back, or was spent), `shared` what that changed in what there
    is to share, `earned` what of it is the maker's. Order and share are empty where there is none.
    """

    at: datetime
    kind: str
    what: str
    run: str
    order_id: int | None
    reference: str
    copies: int
    paid: Money
    tax: Money
    fee: Money
    left: Money
    shared: Money
    term: Term | None
    earned: Money


def lines(session: Session, maker: Maker, period: Period, run_id: int | None = None) -> Iterator[MakerLine]:
    """All lines of a period in sequence, of one run where asked; what they earned is exactly what the statement says."""
    currency = session.get_one(Label, maker.label_id).currency
    known = held(session, [maker])
    accounts = open_accounts(session, known, maker.id, period)
    called = run_names.names(session, accounts) if accounts else {}
    free = _free(session, [each for each in accounts if run_id in {None, each}], called, period, currency)
    for event in maker_runs.singly(session, known, period) if accounts else ():
        while free and free[0].at < event.at:
            yield free.pop(0)
        if event.run_id in accounts:
            shared = accounts[event.run_id].take(event.step)
            if run_id in {None, event.run_id}:
                money = (Money(shared.base, currency), shared.term, Money(shared.earned, currency))
                yield _line(event, called[event.run_id], currency, money)
    yield from free


def _line(event: Event, run: str, currency: str, money: tuple[Money, Term, Money]) -> MakerLine:
    row, cost = event.row, event.cost
    paid, tax, fee = (Money(int(getattr(row, name)) if row is not None else 0, currency) for name in ("gross", "tax", "fee"))
    return MakerLine(
        at=event.at,
        kind=row.kind if row is not None else COST,
        what=": ".join(filter(None, (cost.kind.value, cost.words))) if cost is not None else "",
        run=run,
        order_id=row.order_id if row is not None else None,
        reference=f"{row.number:05d}" if row is not None else "",
        copies=int(row.copies) if row is not None else 0,
        paid=paid,
        tax=tax,
        fee=fee,
        left=paid - tax - fee if cost is None else Money(-cost.amount, currency),
        shared=money[0],
        term=money[1],
        earned=money[2],
    )


def _free(session: Session, run_ids: list[int], called: dict[int, str], period: Period, currency: str) -> list[MakerLine]:
    """Copies that brought nothing: withdrawn ones, and those that were sent in place of others."""
    gone = (
        select(StockMovement.at, Copy.run_id, StockMovement.reason)
        .join(Copy, Copy.id == StockMovement.copy_id)
        .where(Copy.run_id.in_(run_ids), StockMovement.after == CopyState.WITHDRAWN)
        .where(StockMovement.at >= period.begins, StockMovement.at < period.ends)
    )
    again = (
        select(Order.placed_at, OrderLine.run_id, OrderLine.quantity, Order.id, Order.number)
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.run_id.in_(run_ids), Order.id.in_(select(Mishap.again_order_id)))
        .where(Order.placed_at >= period.begins, Order.placed_at < period.ends)
    )
    none = Money(0, currency)
    found = [
        _nothing(at, WITHDRAWN, called[run_id], none, what=next((word for word in WORDS if reason.startswith(word)), ""))
        for at, run_id, reason in session.execute(gone)
    ]
    found += [
        _nothing(at, AGAIN, called[run_id], none, copies=copies, order_id=order_id, reference=f"{number:05d}")
        for at, run_id, copies, order_id, number in session.execute(again)
    ]
    return sorted(found, key=lambda line: line.at)


def _nothing(
    at: datetime,
    kind: str,
    run: str,
    none: Money,
    *,
    what: str = "",
    copies: int = 1,
    order_id: int | None = None,
    reference: str = "",
) -> MakerLine:
    return MakerLine(at, kind, what, run, order_id, reference, copies, none, none, none, none, none, None, none)
