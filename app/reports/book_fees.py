"""What Stripe kept: by month and by run, and the lines behind each sum."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label, Release, Run
from app.drops.models import Drop
from app.inventory.models import Hold
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.payments.fee_models import FeePart, FeeWanted, PaymentFee
from app.payments.models import CheckoutAttempt, Payment
from app.reports import run_names
from app.reports.book_period import Period
from app.reports.book_sales import Line, When
from app.reports.fee_facts import FeeLine, FeePage, FeeSum
from app.reports.minutes import instant, minute_of

PAGE = 100


def fee_page(session: Session, label: Label, period: Period, run_id: int | None, page: int) -> FeePage:
    """A label's fees of a period by Stripe's day, and of one run's orders alone in the lines, where asked."""
    months, taken = _months(session, label, period)
    whole = Money(sum(each.amount.amount for each in months), label.currency)
    lines = _lines(label.id, period, run_id)
    rows = session.execute(lines.limit(PAGE).offset((page - 1) * PAGE))
    every = sum(each.fees for each in months)
    return FeePage(
        amount=whole,
        taken=taken,
        unknown=_unknown(session, label.id, period),
        months=months,
        runs=_runs(session, label, period, whole),
        lines=tuple(_line(row, label.currency) for row in rows),
        total=every if run_id is None else session.scalar(select(func.count()).select_from(lines.order_by(None).subquery())) or 0,
    )


def every(session: Session, label: Label, period: Period) -> Iterator[FeeLine]:
    """All lines of a period, read in batches."""
    for row in session.execute(_lines(label.id, period, None), execution_options={"yield_per": 500}):
        yield _line(row, label.currency)


def _of_label(wanted: Line, label_id: int, period: Period) -> Line:
    paid = wanted.select_from(PaymentFee).join(Payment, Payment.id == PaymentFee.payment_id)
    return _at_label(paid, label_id).where(*_within(PaymentFee.at, period))


def _at_label(paid: Line, label_id: int) -> Line:
    """By the drop: money that came too late has no order, and cost a fee all the same."""
    tried = paid.join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id).join(Hold, Hold.id == CheckoutAttempt.hold_id)
    return tried.where(Hold.drop_id.in_(select(Drop.id).where(Drop.label_id == label_id)))


def _within(at: When, period: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return at >= period.begins, at < period.ends


def _months(session: Session, label: Label, period: Period) -> tuple[tuple[FeeSum, ...], Money]:
    """What was kept in each, and of how much in all of them."""
    minute = minute_of(PaymentFee.at)
    of_payment = case((PaymentFee.dispute_id.is_(None), Payment.amount), else_=0)
    sums = select(minute, func.count(), func.sum(PaymentFee.amount), func.sum(of_payment))
    fees, amounts, taken = Counter[date](), Counter[date](), 0
    for text, number, amount, paid in session.execute(_of_label(sums, label.id, period).group_by(minute)):
        month = period.day_of(instant(text)).replace(day=1)
        fees[month] += int(number)
        amounts[month] += int(amount)
        taken += int(paid)
    months = tuple(
        FeeSum(max(month, period.first), min(_last_of(month), period.last), fees[month], Money(amounts[month], label.currency))
        for month in sorted(fees)
    )
    return months, Money(taken, label.currency)


def _last_of(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _runs(session: Session, label: Label, period: Period, whole: Money) -> tuple[tuple[int | None, str, Money], ...]:
    sums = select(OrderLine.run_id, func.sum(FeePart.amount)).select_from(PaymentFee)
    found = sums.join(FeePart, FeePart.fee_id == PaymentFee.id).join(OrderLine, OrderLine.id == FeePart.order_line_id)
    mine = select(Run.id).join(Release, Release.id == Run.release_id).where(Release.label_id == label.id)
    grouped = found.where(OrderLine.run_id.in_(mine), *_within(PaymentFee.at, period)).group_by(OrderLine.run_id)
    parts = {run_id: int(amount) for run_id, amount in session.execute(grouped)}
    called = run_names.names(session, parts) if parts else {}
    runs = sorted((called[run_id], run_id) for run_id in parts)
    rest = whole.amount - sum(parts.values())
    rows: list[tuple[int | None, str, Money]] = [(run_id, name, Money(parts[run_id], label.currency)) for name, run_id in runs]
    return tuple([*rows, (None, "", Money(rest, label.currency))] if rest else rows)


def _lines(label_id: int, period: Period, run_id: int | None) -> Line:
    wanted = _of_label(
        select(
            PaymentFee.at, Order.id, Order.number, PaymentFee.dispute_id, Payment.amount, PaymentFee.amount.label("fee"),
            PaymentFee.kept, PaymentFee.kept_currency,
        ),
        label_id,
        period,
    ).outerjoin(Order, Order.id == Payment.order_id)  # fmt: skip
    of_run: ColumnElement[bool] = Order.id.in_(select(OrderLine.order_id).where(OrderLine.run_id == run_id))
    found = wanted if run_id is None else wanted.where(of_run)
    return found.order_by(PaymentFee.at, PaymentFee.id)


def _line(row: Any, currency: str) -> FeeLine:
    return FeeLine(
        at=row.at,
        order_id=row.id,
        reference=f"{row.number:05d}" if row.number is not None else "",
        disputed=row.dispute_id is not None,
        taken=Money(row.amount, currency),
        amount=Money(row.fee, currency),
        kept=Money(row.kept, row.kept_currency),
    )


def _unknown(session: Session, label_id: int, period: Period) -> int:
    wanted = select(func.count()).select_from(FeeWanted).join(Payment, Payment.id == FeeWanted.payment_id)
    return session.scalar(_at_label(wanted, label_id).where(*_within(Payment.ended_at, period))) or 0
