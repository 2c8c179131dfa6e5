"""Orders as parcels to be posted: who to, what is in them and what that is worth, and from whom."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.catalogue.models import Run
from app.fulfilment import again, customs, customs_things, second_things, senders
from app.fulfilment.customs_things import Copies, Second
from app.fulfilment.posting import From, Posting, Thing
from app.inventory import counts
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.reports.order_postage import PaidPostage, paid_postage


def postings(session: Session, order_ids: Sequence[int]) -> list[Posting]:
    """The parcels of these orders, in the sequence given; copies that were taken out of one are not in it."""
    lines = selectinload(Order.lines).joinedload(OrderLine.run).joinedload(Run.release)
    wanted = select(Order).where(Order.id.in_(order_ids)).options(joinedload(Order.label), lines)
    orders = {order.id: order for order in session.scalars(wanted)}
    every = [line for order in orders.values() for line in order.lines]
    numbers = counts.numbers_of_lines(session, [line.id for line in every])
    second = second_things.of_runs(session, {line.run_id for line in every})
    paid = paid_postage(session, list(orders.values()))
    worth = again.worth(session, [order.id for order in orders.values() if not order.total_amount])
    labels = {order.label_id: order.label for order in orders.values()}
    origins = {id_: senders.sender(session, label) for id_, label in labels.items()}
    return [
        _posting(order, _things(order, numbers, second, worth), paid[order.id], origins[order.label_id])
        for order in (orders[id_] for id_ in order_ids if id_ in orders)
    ]


def _things(
    order: Order, numbers: dict[int, tuple[int, ...]], seconds: dict[int, Second], worth: dict[tuple[int, int], int]
) -> tuple[Thing, ...]:
    """What customs counts; a copy that is sent in place of another costs nothing, and is worth what that one was sold for."""
    there = [line for line in order.lines if numbers[line.id]]
    units = {line.id: Money(worth.get((order.id, line.run_id), line.unit_amount), order.currency) for line in there}
    packed = [_copies(line, len(numbers[line.id]), units[line.id]) for line in there]
    return tuple(thing for copies in packed for thing in customs_things.things(copies, seconds))


def _copies(line: OrderLine, pieces: int, unit: Money) -> Copies:
    run = line.run
    return Copies(run.id, run.format, run.title, pieces, unit, run.weight, run.hs_code, run.origin, run.release.catalogue_number)


def _posting(order: Order, things: tuple[Thing, ...], paid: PaidPostage, sender: From) -> Posting:
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
        postage=Money(order.postage_amount, order.currency),
        postage_name=order.postage_name,
        tracked=bool(paid.tracked),
        customs=customs.leaves(sender.country, order.country),
        sender=sender,
    )
