"""Orders as parcels to be posted: who to, what is in them and what that is worth, and from whom."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session, joinedload, selectinload

from app.catalogue.models import Run
from app.checkout import shared_postage
from app.checkout.one_way import way
from app.fulfilment import again, customs, customs_things, second_things, senders
from app.fulfilment.customs_things import Copies, Second
from app.fulfilment.posting import From, Posting, Thing
from app.inventory import counts
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.reports import beside_in_parcel
from app.reports.order_postage import PaidPostage, paid_postage


def postings(session: Session, order_ids: Sequence[int]) -> list[Posting]:
    """The parcels of these orders, in the sequence given, one for all that leave together; what was taken out is not in it."""
    lines = selectinload(Order.lines).joinedload(OrderLine.run).joinedload(Run.release)
    parcels = beside_in_parcel.by_parcel(session, order_ids, joinedload(Order.label), lines)
    orders = {order.id: order for parcel in parcels for order in parcel}
    every = [line for order in orders.values() for line in order.lines]
    numbers = counts.numbers_of_lines(session, [line.id for line in every])
    second = second_things.of_runs(session, {line.run_id for line in every})
    paid = paid_postage(session, list(orders.values()))
    worth = again.worth(session, [order.id for order in orders.values() if not order.total_amount])
    labels = {order.label_id: order.label for order in orders.values()}
    origins = {id_: senders.sender(session, label) for id_, label in labels.items()}
    return [
        _posting(
            parcel,
            _alike([thing for order in parcel for thing in _things(order, numbers, second, worth)]),
            origins[parcel[0].label_id],
            _postage(session, parcel, paid),
            tracked=any(paid[order.id].tracked for order in parcel),
        )
        for parcel in parcels
    ]


def _postage(session: Session, parcel: Sequence[Order], paid: dict[int, PaidPostage]) -> tuple[str, str, Money]:
    """What it is posted with and by whom, and what was paid for that and has not gone back because the orders leave together."""
    first = parcel[0]
    name, carrier = first.postage_name, paid[first.id].carrier
    if len(parcel) == 1:
        return name, carrier, Money(first.postage_amount, first.currency)
    amount = sum(order.postage_amount for order in parcel) - shared_postage.gone(session, [order.id for order in parcel])
    if fits := way(session, parcel):
        name, carrier = fits.name, fits.carrier
    return name, carrier, Money(amount, first.currency)


def _things(
    order: Order, numbers: dict[int, tuple[int, ...]], seconds: dict[int, Second], worth: dict[tuple[int, int], int]
) -> tuple[Thing, ...]:
    """What customs counts; a copy that is sent in place of another costs nothing, and is worth what that one was sold for."""
    there = [line for line in order.lines if numbers[line.id]]
    units = {line.id: Money(worth.get((order.id, line.run_id), line.unit_amount), order.currency) for line in there}
    packed = [_copies(line, len(numbers[line.id]), units[line.id]) for line in there]
    return tuple(thing for copies in packed for thing in customs_things.things(copies, seconds))


def _alike(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """The same with those that are alike counted together: two orders may have copies of one run."""
    pieces: dict[Thing, int] = {}
    for thing in things:
        one = replace(thing, pieces=0)
        pieces[one] = pieces.get(one, 0) + thing.pieces
    return tuple(replace(one, pieces=many) for one, many in pieces.items())


def _copies(line: OrderLine, pieces: int, unit: Money) -> Copies:
    run = line.run
    return Copies(run.id, run.format, run.title, pieces, unit, run.weight, run.hs_code, run.origin, run.release.catalogue_number)


def _posting(
    parcel: Sequence[Order], things: tuple[Thing, ...], sender: From, postage: tuple[str, str, Money], *, tracked: bool
) -> Posting:
    order, (name, carrier, amount) = parcel[0], postage
    return Posting(
        order_id=order.id,
        label_id=order.label_id,
        reference=order.reference,
        placed_on=order.placed_at.date(),
        name=order.name,
        line1=order.line1,
        line2=order.line2,
        postal_code=order.postal_code,
        city=order.city,
        region=order.region,
        country=order.country,
        email=order.email,
        weight=order.label.packaging_weight + sum(thing.weight * thing.pieces for thing in things),
        things=things,
        postage=amount,
        postage_name=name,
        tracked=tracked,
        customs=customs.leaves(sender.country, order.country, order.postal_code, sender.postal_code),
        sender=sender,
        order_ids=tuple(each.id for each in parcel),
        references=tuple(each.reference for each in parcel),
        carrier=carrier,
    )
