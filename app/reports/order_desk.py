"""One order as the desk sees it: its facts, its money, and its whole history from the hold to the last mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.checkout import apart, decide
from app.checkout.follow import CONFIRM, NOT_CHARGED
from app.checkout.money_back import CANCELLED, REFUND, REFUNDED
from app.checkout.settle import CAPTURE, VOID
from app.checkout.shortfall_letters import SHORT
from app.drops.models import Drop
from app.fulfilment import customs, senders, territories
from app.fulfilment.models import Parcel, Shipment
from app.inventory import counts
from app.inventory.numbers import issued_again, numbered
from app.inventory.states import CopyState
from app.kernel.money import Money
from app.kernel.outbox import Job
from app.orders import vat
from app.orders.models import Order, OrderState
from app.payments.models import CheckoutAttempt, Fate, Payment, Refund
from app.payments.states import PaymentState
from app.reports import (
    code_used,
    given_back,
    invoice_list,
    order_history,
    order_making,
    order_money,
    order_notes,
    order_short,
    order_tags,
    sent_again,
    taken_off,
    vat_shown,
)
from app.reports.code_used import CodeUsed
from app.reports.deeds import Entry
from app.reports.given_back import BackLine
from app.reports.invoice_list import InvoiceRow
from app.reports.order_making import Ordered, OrderMaking
from app.reports.order_money import OrderMoney
from app.reports.order_notes import Note
from app.reports.order_page import address_lines
from app.reports.order_rows import LineRow, OrderRow, rows
from app.reports.order_short import ShortCopy
from app.reports.order_stage import Stage
from app.reports.order_tags import TagRow
from app.reports.sent_again import Happened, InPlace
from app.reports.shared_parcel import Shared, shared_parcel
from app.reports.vat_shown import VatShown
from app.reports.yours import once_allocated

_NOT_PACKED = {Stage.TO_PACK, Stage.WAITING, Stage.UNPAID, Stage.DISPUTED}


@dataclass(frozen=True)
class SoldLine:
    """One line of an order: what was bought and what it cost, and where its copies stand on the run's strip.

    `copies_here` are (id, number) of those that have not left, `again` says which of them stand for damaged ones.
    """

    row: LineRow
    text: str
    bought: tuple[int, ...]
    amount: Money
    copies: str
    first: int
    copies_here: tuple[tuple[int, str], ...]
    again: tuple[str, ...]


@dataclass(frozen=True)
class OrderDesk:
    """All there is to know about an order.

    `returned` is what money went back for, `remains` what it cost after that;
    `to_decide` counts copies that wait for a decision; `may_come_back`: money went back, and copies are still with the fan;
    `happened`: what became of copies that had left, `in_place`: what this order makes good;
    `makings`: the pre-orders in it; `short`: copies that did not come from the plant.
    """

    row: OrderRow
    label_id: int
    hold_id: int
    drop_id: int
    drop: str
    late: bool
    address: tuple[str, ...]
    note: str
    lines: tuple[SoldLine, ...]
    postage: Money
    taken_off: CodeUsed | None
    returned: tuple[BackLine, ...]
    remains: Money
    money: OrderMoney | None
    happened: tuple[Happened, ...]
    in_place: InPlace | None
    short: tuple[ShortCopy, ...]
    to_decide: int
    may_come_back: bool
    may_cancel: bool
    tracking_url: str
    sent_at: datetime | None
    leaves_customs: bool
    territory: str
    cancel_reason: str
    history: tuple[Entry, ...]
    notes: tuple[Note, ...]
    tags: tuple[TagRow, ...]
    tags_in_use: tuple[TagRow, ...]
    makings: tuple[OrderMaking, ...]
    parcel: Shared
    could_join: tuple[tuple[int, str], ...]
    vat: VatShown
    invoices: tuple[InvoiceRow, ...]
    may_invoice: bool


def order_desk(session: Session, order: Order) -> OrderDesk:
    """The desk's page of this order."""
    [row] = rows(session, [order.id])
    parcel = session.scalars(select(Parcel).where(Parcel.order_id == order.id)).one()
    shipment = parcel.shipment
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    returned = taken_off.returned(given_back.of_order(session, order.id))
    money, waiting = order_money.order_money(session, order), decide.waiting(session, order)
    written = invoice_list.of_order(session, order)
    place, home = territories.of(order.country, order.postal_code), senders.sender(session, order.label)
    return OrderDesk(
        row=row,
        label_id=order.label_id,
        hold_id=order.hold_id,
        drop_id=order.drop_id,
        drop=session.scalar(select(Drop.title).where(Drop.id == order.drop_id)) or "",
        late=order.late,
        address=address_lines(order),
        note=order.note,
        lines=_lines(session, order, row),
        postage=code_used.full_postage(order),
        taken_off=code_used.code_used(order),
        returned=returned,
        remains=taken_off.remains(row.total, returned),
        money=money,
        happened=sent_again.of_order(session, order),
        in_place=sent_again.in_place_of(session, order),
        short=order_short.of_order(session, order, payment),
        to_decide=sum(part.fate is Fate.UNDECIDED for part in waiting),
        may_come_back=shipment is not None and bool(waiting),
        may_cancel=row.stage in _NOT_PACKED and not (money and money.open_disputes),
        tracking_url=shipment.tracking_url if shipment else "",
        sent_at=shipment.sent_at if shipment else None,
        leaves_customs=customs.leaves(order.label.country, order.country, order.postal_code, home.postal_code),
        territory=place.name if place else "",
        cancel_reason=order.cancel_reason if order.state is OrderState.CANCELLED else "",
        history=_history(session, order, payment, shipment, money.story if money else ()),
        notes=order_notes.notes(session, order.id),
        tags=order_tags.of_orders(session, [order.id]).get(order.id, ()),
        tags_in_use=order_tags.in_use(session, [order.label_id]),
        makings=_makings(session, order, row, payment),
        parcel=shared_parcel(session, order, parcel),
        could_join=tuple((each.id, each.reference) for each in apart.others_here(session, order, parcel)),
        vat=vat_shown.of_order(session, order),
        invoices=written,
        may_invoice=not written and _may_invoice(session, order, payment),
    )


def _may_invoice(session: Session, order: Order, payment: Payment | None) -> bool:
    """Was it paid before its label wrote invoices?"""
    kept = vat.settings(session, order.label_id)
    paid = payment is not None and payment.state is PaymentState.CAPTURED and order.state is OrderState.PLACED
    return paid and kept is not None and kept.invoices


def _makings(session: Session, order: Order, row: OrderRow, payment: Payment | None) -> tuple[OrderMaking, ...]:
    runs = {line.run_id: line.run for line in order.lines if line.run.preorder}
    ordered = [Ordered(run.id, run.slug, run.release.title, run.title) for run in runs.values()]
    return order_making.of_order(session, order, ordered, row.parcel, payment) if row.parcel is not None else ()


def _lines(session: Session, order: Order, row: OrderRow) -> tuple[SoldLine, ...]:
    stock = counts.stock(session, [line.run_id for line in order.lines])
    ids = [line.id for line in order.lines]
    bought, issues, owned = once_allocated(session, ids), counts.issues_of_lines(session, ids), counts.owned_by_lines(session, ids)
    here = [each for each in owned if each.state is CopyState.ALLOCATED and each.number is not None]
    full = code_used.full_lines(order)
    return tuple(
        SoldLine(
            line_row,
            line.title,
            bought[line.id],
            full[line.id],
            stock[line.run_id].copies,
            line.run.first_number,
            tuple((each.copy_id, numbered([each.number or 0], line_row.last)) for each in here if each.order_line_id == line.id),
            issued_again(issues[line.id], line_row.last),
        )
        for line, line_row in zip(order.lines, row.lines, strict=True)
    )


def _history(
    session: Session, order: Order, payment: Payment | None, shipment: Shipment | None, money: tuple[Entry, ...]
) -> tuple[Entry, ...]:
    """Newest first; what happened in the same moment stands in the sequence of the story."""
    zone = order.label.time_zone
    attempts = session.scalars(select(CheckoutAttempt).where(CheckoutAttempt.hold_id == order.hold_id).order_by(CheckoutAttempt.id))
    entries = [
        *order_history.of_hold(session, order.hold_id, zone),
        *(entry for attempt in attempts for entry in order_history.of_attempt(attempt, zone)),
        *order_history.of_order(order, zone),
        *money[::-1],
        *(entry for job in _jobs(session, order, payment, shipment) for entry in order_history.of_job(job, zone)),
        *order_history.of_desk(session, order, shipment, zone),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at)[::-1])


def _jobs(session: Session, order: Order, payment: Payment | None, shipment: Shipment | None) -> list[Job]:
    """The outbox rows about this order; they are kept by key, so that no payload is searched. Nobody is written to without an
    address.
    """
    if not order.email:
        return []
    keys: list[ColumnElement[bool]] = [Job.key.in_(order_making.letter_keys(session, [order]))]
    keys += [Job.key == f"{kind}:{order.id}" for kind in (CONFIRM, CANCELLED)]
    keys += [Job.key.like(f"{kind}:{order.id}:%") for kind in (CONFIRM, SHORT)]
    if payment is not None:
        keys += [Job.key == f"{kind}:{payment.id}" for kind in (CAPTURE, VOID, NOT_CHARGED)]
        refunds = session.scalars(select(Refund.id).where(Refund.payment_id == payment.id))
        keys += [Job.key == f"{kind}:{refund_id}" for refund_id in refunds for kind in (REFUND, REFUNDED)]
    if shipment is not None:
        keys.append(Job.key == f"mail.shipped:{shipment.id}")
    return list(session.scalars(select(Job).where(or_(*keys)).order_by(Job.id)))
