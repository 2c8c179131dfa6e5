"""What stands on the packing slips of some orders."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.catalogue.models import Release, Run
from app.fulfilment import again, customs
from app.fulfilment.slips import Slip, SlipLine
from app.inventory import counts
from app.inventory.numbers import issued_again
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.reports import order_notes
from app.reports.order_page import address_lines
from app.reports.order_postage import PaidPostage, paid_postage


def slips(session: Session, order_ids: Sequence[int], base_url: str) -> list[Slip]:
    """The slips of these orders, in the sequence of their ids."""
    runs = selectinload(Order.lines).joinedload(OrderLine.run).joinedload(Run.release).joinedload(Release.artist)
    wanted = select(Order).where(Order.id.in_(order_ids)).options(joinedload(Order.label), runs)
    orders = session.scalars(wanted.order_by(Order.id)).all()
    lines = [line for order in orders for line in order.lines]
    issues = counts.issues_of_lines(session, [line.id for line in lines])
    strips = {run_id: stock.copies for run_id, stock in counts.stock(session, list({line.run_id for line in lines})).items()}
    postage = paid_postage(session, orders)
    worth = again.worth(session, [order.id for order in orders if not order.total_amount])
    noted = order_notes.on_slips(session, order_ids)
    made = {
        line.id: _line(line, _unit(order, line, worth), issues[line.id], strips[line.run_id])
        for order in orders
        for line in order.lines
    }
    return [
        _slip(order, tuple(made[line.id] for line in order.lines), postage[order.id], noted.get(order.id, ()), base_url)
        for order in orders
    ]


def _slip(order: Order, lines: tuple[SlipLine, ...], postage: PaidPostage, noted: tuple[str, ...], base_url: str) -> Slip:
    return Slip(
        label=order.label.name,
        reference=order.reference,
        placed_at=order.placed_at,
        address=address_lines(order),
        lines=lines,
        postage=", ".join(filter(None, (postage.name, postage.words))),
        note=order.note,
        link=f"{base_url}/staff/orders/{order.id}",
        noted=noted,
        customs=customs.leaves(order.label.country, order.country),
    )


def _unit(order: Order, line: OrderLine, worth: dict[tuple[int, int], int]) -> Money:
    """What one is worth, which customs reads: one that is sent in place of another costs nothing."""
    return Money(worth.get((order.id, line.run_id), line.unit_amount), order.currency)


def _line(line: OrderLine, unit: Money, issues: dict[int, int], copies: str) -> SlipLine:
    run = line.run
    return SlipLine(
        catalogue_number=run.release.catalogue_number,
        artist=run.release.artist.name,
        title=run.release.title,
        run_title=run.title,
        numbers=tuple(issues),
        first=run.first_number,
        last=run.last_number,
        copies=copies,
        unit=unit,
        weight=run.weight,
        hs_code=run.hs_code,
        origin=run.origin,
        again=issued_again(issues, run.last_number),
    )
