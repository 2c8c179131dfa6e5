"""What the fan of a hold is told of customs before paying: whether a border is crossed, what is due there, and who pays it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label, Run
from app.checkout.quote import Goods, Terms
from app.fulfilment import customs, customs_things, duties, second_things, senders
from app.fulfilment.customs_things import KINDS, Copies, Second
from app.fulfilment.duties import Duty
from app.fulfilment.posting import Thing
from app.orders.totals import Quote, QuoteLine
from app.reports import countries


@dataclass(frozen=True)
class Border:
    """A customs border on the way. `duty` is the flat one that is known beforehand; `prepaid`: the label pays what is due;
    `ioss`: import VAT is the label's affair."""

    country: str
    duty: Duty | None
    prepaid: bool
    ioss: bool


def border(session: Session, terms: Terms, quote: Quote, goods: Sequence[Goods], on: date) -> Border | None:
    """The border between the label and where the quote goes; None where there is none. Customs is told what is paid."""
    country = quote.postage.country
    if not customs.leaves(terms.country, country):
        return None
    sender = senders.sender(session, session.get_one(Label, terms.label_id))
    due = duties.duty(_things(session, quote, goods), terms.country, country, on)
    ioss = bool(sender.ioss_number) and country in customs.UNION
    return Border(countries.name(country), due, sender.prepaid, ioss)


def _things(session: Session, quote: Quote, goods: Sequence[Goods]) -> list[Thing]:
    held = {each.run_id for each in goods}
    runs = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(held)))}
    seconds = second_things.of_runs(session, held)
    return [thing for line in quote.lines for thing in _of_line(runs[line.run_id], line, seconds)]


def _of_line(run: Run, line: QuoteLine, seconds: dict[int, Second]) -> tuple[Thing, ...]:
    """As it will be declared; a run whose code nobody typed yet counts as what its format usually is."""
    copies = Copies(run.id, run.format, run.title, line.quantity, line.unit, run.weight, run.hs_code, "", "")
    return customs_things.things(replace(copies, hs_code=run.hs_code or KINDS[run.format].heading), seconds)
