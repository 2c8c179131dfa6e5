"""A maker's statement of a period: what each run brought them, what they were given, and what is still owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.maker_models import Maker, Payout
from app.catalogue.models import Label
from app.kernel.money import Money
from app.orders.models import OrderLine
from app.payments.fee_models import FeeWanted
from app.payments.models import Payment
from app.reports import maker_runs, run_names
from app.reports.book_period import Period
from app.reports.maker_facts import Given, RunShare, Statement
from app.reports.maker_held import Held, held
from app.reports.maker_math import Account


@dataclass
class _Sums:
    copies: int = 0
    gross: int = 0
    tax: int = 0
    fee: int = 0
    spent: int = 0
    shared: int = 0
    earned: int = 0
    happened: bool = field(default=False)


def statement(session: Session, maker: Maker, period: Period) -> Statement:
    """A maker's statement of a period in their label's zone and currency."""
    label = session.get_one(Label, maker.label_id)
    known = held(session, [maker])
    accounts = open_accounts(session, known, maker.id, period)
    earned_before = sum(account.earned for account in accounts.values())
    sums = _sums(session, known, accounts, period)
    called = run_names.names(session, accounts) if accounts else {}
    runs = tuple(
        _run(run_id, called[run_id], sums[run_id], account, period, label.currency)
        for run_id, account in sorted(accounts.items(), key=lambda each: (called[each[0]], each[0]))
        if sums[run_id].happened or account.terms.on(period.last).basis_points
    )
    given, given_before = _payouts(session, maker, period, label.currency)
    before = Money(earned_before, label.currency) - given_before
    earned = Money(sum(each.earned for each in sums.values()), label.currency)
    paid_out = Money(sum(each.amount.amount for each in given), label.currency)
    return Statement(
        maker_id=maker.id,
        label_id=label.id,
        label=label.name,
        maker=maker.name,
        address=maker.address,
        period=period,
        runs=runs,
        before=before,
        earned=earned,
        payouts=given,
        paid_out=paid_out,
        owed=before + earned - paid_out,
        fees_unknown=_unknown(session, accounts, period) if accounts else 0,
        taxed=any(run.tax.amount for run in runs),
    )


def owed_today(session: Session, maker: Maker, today: date, zone: str) -> Money:
    """What a maker has not been given yet, at the end of today."""
    return statement(session, maker, Period(today, today, zone)).owed


def open_accounts(session: Session, known: Held, maker_id: int, period: Period) -> dict[int, Account]:
    """A maker's accounts as they stood when the period began."""
    accounts = known.accounts(maker_id)
    if accounts:
        for event in maker_runs.before(session, known, period):
            if event.run_id in accounts:
                accounts[event.run_id].take(event.step)
    return accounts


def _sums(session: Session, known: Held, accounts: Mapping[int, Account], period: Period) -> dict[int, _Sums]:
    sums = {run_id: _Sums() for run_id in accounts}
    for event in maker_runs.within(session, known, period) if accounts else ():
        if event.run_id not in accounts:
            continue
        shared, mine = accounts[event.run_id].take(event.step), sums[event.run_id]
        mine.happened, mine.spent = True, mine.spent + event.step.cost
        mine.shared, mine.earned = mine.shared + shared.base, mine.earned + shared.earned
        if event.row is not None:
            for name in ("copies", "gross", "tax", "fee"):
                setattr(mine, name, getattr(mine, name) + int(getattr(event.row, name)))
    return sums


def _run(run_id: int, name: str, sums: _Sums, account: Account, period: Period, currency: str) -> RunShare:
    term = account.terms.on(period.last)
    return RunShare(
        run_id=run_id,
        run=name,
        copies=sums.copies,
        paid=Money(sums.gross, currency),
        tax=Money(sums.tax, currency),
        fees=Money(sums.fee, currency),
        spent=Money(sums.spent, currency),
        shared=Money(sums.shared, currency),
        open_costs=Money(account.open_costs if term.costs_first else 0, currency),
        term=term,
        earned=Money(sums.earned, currency),
    )


def _payouts(session: Session, maker: Maker, period: Period, currency: str) -> tuple[tuple[Given, ...], Money]:
    """Those of the period, and what there was before it."""
    mine = select(Payout).where(Payout.maker_id == maker.id, Payout.struck_at.is_(None), Payout.paid_on <= period.last)
    rows: Sequence[Payout] = session.scalars(mine.order_by(Payout.paid_on, Payout.id)).all()
    given = tuple(Given(row.id, row.paid_on, Money(row.amount, currency), row.words) for row in rows if row.paid_on >= period.first)
    return given, Money(sum(row.amount for row in rows if row.paid_on < period.first), currency)


def _unknown(session: Session, run_ids: Mapping[int, Account], period: Period) -> int:
    wanted = select(func.count(FeeWanted.payment_id.distinct())).join(Payment, Payment.id == FeeWanted.payment_id)
    found = wanted.join(OrderLine, OrderLine.order_id == Payment.order_id)
    return session.scalar(found.where(OrderLine.run_id.in_(run_ids), Payment.ended_at < period.ends)) or 0
