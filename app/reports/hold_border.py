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
from app.kernel.money import Money
from app.reports import countries


@dataclass(frozen=True)
class Border:
    """A customs border on the way. `duty` is the flat one that is known beforehand; `prepaid`: the label pays what is due;
    `ioss`: import VAT is the label's affair."""

    country: str
    duty: Duty | None
    prepaid: bool
    ioss: bool


def border(session: Session, terms: Terms, country: str, goods: Sequence[Goods], on: date) -> Border | None:
    """The border between the label and this country; None where there is none."""
    if not customs.leaves(terms.country, country):
        return None
    sender = senders.sender(session, session.get_one(Label, terms.label_id))
    due = duties.duty(_things(session, goods, terms.currency), terms.country, country, on)
    ioss = bool(sender.ioss_number) and country in customs.UNION
    return Border(countries.name(country), due, sender.prepaid, ioss)


def _things(session: Session, goods: Sequence[Goods], currency: str) -> list[Thing]:
    held = {each.run_id: each for each in goods}
    runs = session.scalars(select(Run).where(Run.id.in_(held)).order_by(Run.id))
    seconds = second_things.of_runs(session, held)
    return [thing for run in runs for thing in _of_run(run, held[run.id], currency, seconds)]


def _of_run(run: Run, held: Goods, currency: str, seconds: dict[int, Second]) -> tuple[Thing, ...]:
    """As it will be declared; a run whose code nobody typed yet counts as what its format usually is."""
    copies = Copies(run.id, run.format, run.title, len(held.numbers), Money(held.price, currency), run.weight, run.hs_code, "", "")
    return customs_things.things(replace(copies, hs_code=run.hs_code or KINDS[run.format].heading), seconds)
