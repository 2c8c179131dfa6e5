"""How much a label has sold to other countries of the European Union, this year and the last, beside the limit for its home rate.

Directive 2006/112/EC, Article 59c, in force since 2021-07-01 by Directive (EU) 2017/2455; looked up on 2026-11-30. While all such
sales of a business, without VAT, come to no more than 10,000 euro in this calendar year, and came to no more in the last, they are
taxed where it is at home. The sale that goes above is taxed where it goes, and so is each one after it. Who chooses that earlier is
bound for two calendar years.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.money import Money
from app.orders import vat
from app.orders.levy import UNION, home_of, others_of_union
from app.orders.models import Order
from app.orders.vat_models import VatWay
from app.reports.book_period import Period
from app.reports.vat_lines import VatWish, lines

LIMIT = Money(10_000_00, "EUR")
NEARLY = 80  # per cent, from which a label is warned


@dataclass(frozen=True)
class Threshold:
    """The year, what was sold in it and in the one before; `per_cent` is of the limit, the higher of the two, rounded down.

    `per_cent` is None for a label that sells in another currency: here nobody knows its rate.
    """

    year: int
    way: VatWay | None
    now: Money
    before: Money
    limit: Money
    per_cent: int | None

    @property
    def warns(self) -> bool:
        """Is it nearly used up, for a label that does not charge by where it posts to anyway?"""
        return self.per_cent is not None and self.per_cent >= NEARLY and self.way is not VatWay.DESTINATION

    @property
    def is_over(self) -> bool:
        """Is this year's sum, or the last one's, above it?"""
        return self.limit.currency == self.now.currency and max(self.now.amount, self.before.amount) > self.limit.amount


def threshold(session: Session, label: Label, now: datetime) -> Threshold | None:
    """For this year by the label's calendar; None for a label that is not at home in the union.

    What went back is taken off the year of its sale. What was sold while nothing was said about VAT counts whole, and
    so do the places of member states that are outside of the union's VAT: rather warned too early than too late.
    """
    if home_of(label.country) not in UNION:
        return None
    year = now.astimezone(ZoneInfo(label.time_zone)).year
    this, last = (Period(date(each, 1, 1), date(each, 12, 31), label.time_zone) for each in (year, year - 1))
    found = lines(VatWish(label.id, Period(last.first, this.last, label.time_zone)))
    years = (found.c.sold_at >= this.begins, (found.c.sold_at >= last.begins) & (found.c.sold_at < this.begins))
    sums = [func.coalesce(func.sum(case((in_it, found.c.net), else_=0)), 0) for in_it in years]
    abroad = select(*sums).join_from(found, Order, Order.id == found.c.order_id)
    amounts = session.execute(abroad.where(Order.country.in_(others_of_union(label.country)))).one()
    kept = vat.settings(session, label.id)
    sold, before = (Money(int(amount), label.currency) for amount in amounts)
    comparable = label.currency == LIMIT.currency
    per_cent = max(0, sold.amount, before.amount) * 100 // LIMIT.amount if comparable else None
    return Threshold(year, kept.way if kept else None, sold, before, LIMIT, per_cent)
