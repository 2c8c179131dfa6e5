"""What stands on the packing slips of some orders."""

from collections.abc import Sequence

from sqlalchemy.orm import Session, joinedload, selectinload

from app.catalogue.models import Release, Run
from app.checkout.one_way import way
from app.fulfilment import again, customs, senders
from app.fulfilment.slips import Slip, SlipLine
from app.inventory import counts
from app.inventory.numbers import issued_again
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.reports import beside_in_parcel, order_notes
from app.reports.order_page import address_lines
from app.reports.order_postage import PaidPostage, paid_postage


def slips(session: Session, order_ids: Sequence[int], base_url: str) -> list[Slip]:
    """The slips of these orders' parcels, in the sequence of their ids; one for all orders in a parcel."""
    runs = selectinload(Order.lines).joinedload(OrderLine.run).joinedload(Run.release).joinedload(Release.artist)
    parcels = beside_in_parcel.by_parcel(session, sorted(order_ids), joinedload(Order.label), runs)
    orders = [order for parcel in parcels for order in parcel]
    lines = [line for order in orders for line in order.lines]
    issues = counts.issues_of_lines(session, [line.id for line in lines])
    strips = {run_id: stock.copies for run_id, stock in counts.stock(session, list({line.run_id for line in lines})).items()}
    postage = paid_postage(session, orders)
    worth = again.worth(session, [order.id for order in orders if not order.total_amount])
    noted = order_notes.on_slips(session, [order.id for order in orders])
    leave_from = {label: senders.sender(session, label).postal_code for label in {order.label for order in orders}}
    made = {
        line.id: _line(line, _unit(order, line, worth), issues[line.id], strips[line.run_id])
        for order in orders
        for line in order.lines
    }
    return [
        _slip(
            parcel,
            tuple(made[line.id] for order in parcel for line in order.lines),
            _posted(session, parcel, postage),
            tuple(text for order in parcel for text in noted.get(order.id, ())),
            base_url,
            leave_from[parcel[0].label],
        )
        for parcel in parcels
    ]


def _posted(session: Session, parcel: Sequence[Order], postage: dict[int, PaidPostage]) -> str:
    """How it was paid to be posted, or how all in it can be."""
    fits = way(session, parcel) if len(parcel) > 1 else None
    if fits is not None:
        return f"{fits.name}, {'tracked' if fits.tracked else 'not tracked'}"
    names = [", ".join(filter(None, (postage[order.id].name, postage[order.id].words))) for order in parcel]
    return " / ".join(dict.fromkeys(names))


def _slip(
    parcel: Sequence[Order], lines: tuple[SlipLine, ...], postage: str, noted: tuple[str, ...], base_url: str, leaves_from: str
) -> Slip:
    order = parcel[0]
    return Slip(
        label=order.label.name,
        reference=order.reference,
        placed_at=order.placed_at,
        address=address_lines(order),
        lines=lines,
        postage=postage,
        note=" / ".join(dict.fromkeys(each.note for each in parcel if each.note)),
        others=tuple((each.reference, each.placed_at) for each in parcel[1:]),
        link=f"{base_url}/staff/orders/{order.id}",
        noted=noted,
        customs=customs.leaves(order.label.country, order.country, order.postal_code, leaves_from),
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
