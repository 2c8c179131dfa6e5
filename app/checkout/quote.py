"""What a hold costs, posted where the fan says."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.models import Release, Run
from app.drops.models import Drop
from app.fulfilment import postage
from app.fulfilment.postage import Offer
from app.inventory import holds
from app.inventory.models import Hold
from app.kernel.errors import CannotPostThere
from app.kernel.money import Money
from app.orders.totals import Postage, Quote, QuoteLine


@dataclass(frozen=True)
class Choice:
    """A quote with the other ways to post that the fan could choose."""

    quote: Quote
    offers: tuple[Offer, ...]


def quote(session: Session, hold: Hold) -> Choice:
    """The quote of a hold for the country and rate chosen on it; the label's own country and the cheapest rate otherwise.

    Raises CannotPostThere when no rate serves that country and weight.
    """
    drop = session.get_one(Drop, hold.drop_id)
    currency, country = drop.label.currency, hold.country or drop.label.country
    lines, weight = _lines(session, hold, currency)
    offers = postage.offers(postage.zones(session, drop.label_id), country, weight + drop.label.packaging_weight, currency)
    if not offers:
        raise CannotPostThere("This label does not post there yet. Choose another country, or write to the label.", country=country)
    chosen = next((offer for offer in offers if offer.rate_id == hold.rate_id), offers[0])
    return Choice(Quote(lines, Postage(chosen.rate_id, chosen.name, country, chosen.amount)), tuple(offers))


def _lines(session: Session, hold: Hold, currency: str) -> tuple[tuple[QuoteLine, ...], int]:
    """The lines of a hold and the weight of its copies in grams."""
    held = holds.contents(session, hold.id)
    wanted = (
        select(Run).where(Run.id.in_([each.run_id for each in held])).options(joinedload(Run.release).joinedload(Release.artist))
    )
    runs = {run.id: run for run in session.scalars(wanted)}
    sold = [(runs[each.run_id], each.numbers) for each in held]
    lines = tuple(QuoteLine(run.id, title(run), numbers, run.last_number, Money(run.price, currency)) for run, numbers in sold)
    return lines, sum(runs[line.run_id].weight * line.quantity for line in lines)


def title(run: Run) -> str:
    """How a line is called everywhere: artist, title and the run's own title."""
    return f"{run.release.artist.name} – {run.release.title} ({run.title})"
