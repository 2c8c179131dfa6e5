"""A label's makers, with what is owed to each of them today."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.maker_models import Maker, Payout
from app.catalogue.models import Label
from app.kernel.money import Money
from app.reports import maker_runs
from app.reports.book_period import Period
from app.reports.maker_held import held


@dataclass(frozen=True)
class MakerRow:
    """A maker in the list; `runs` counts those in which they ever had a share."""

    id: int
    name: str
    runs: int
    earned: Money
    paid_out: Money
    last_paid: date | None

    @property
    def owed(self) -> Money:
        """What they have not been given yet; below zero for what was too much."""
        return self.earned - self.paid_out


def rows(session: Session, label: Label, today: date) -> tuple[MakerRow, ...]:
    """Everybody who has a share, by name, as things stand at the end of today."""
    makers = list(session.scalars(select(Maker).where(Maker.label_id == label.id).order_by(Maker.name, Maker.id)))
    known = held(session, makers)
    accounts = {maker.id: known.accounts(maker.id) for maker in makers}
    tomorrow = today + timedelta(days=1)
    for event in maker_runs.before(session, known, Period(tomorrow, tomorrow, label.time_zone)) if known.rows else ():
        for mine in accounts.values():
            if event.run_id in mine:
                mine[event.run_id].take(event.step)
    given = _given(session, label.id)
    return tuple(
        MakerRow(
            id=maker.id,
            name=maker.name,
            runs=len(accounts[maker.id]),
            earned=Money(sum(account.earned for account in accounts[maker.id].values()), label.currency),
            paid_out=Money(given.get(maker.id, (0, None))[0], label.currency),
            last_paid=given.get(maker.id, (0, None))[1],
        )
        for maker in makers
    )


def _given(session: Session, label_id: int) -> dict[int, tuple[int, date | None]]:
    sums = select(Payout.maker_id, func.sum(Payout.amount), func.max(Payout.paid_on)).join(Maker, Maker.id == Payout.maker_id)
    stand = sums.where(Maker.label_id == label_id, Payout.struck_at.is_(None)).group_by(Payout.maker_id)
    return {maker_id: (int(amount), last) for maker_id, amount, last in session.execute(stand)}
