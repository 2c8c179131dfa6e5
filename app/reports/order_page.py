"""What the page of an order shows, and its letters: numbers, amounts, where it goes and what happens next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import cancel, readdress
from app.fulfilment.models import Parcel, ParcelState
from app.inventory import counts
from app.inventory.numbers import issued_again
from app.kernel.money import Money
from app.orders.models import Order, OrderState
from app.orders.totals import total
from app.payments import ledger
from app.payments.models import Payment
from app.payments.states import PaymentState
from app.reports import (
    code_used,
    countries,
    given_back,
    invoice_list,
    order_files,
    order_making,
    order_short,
    sent_again,
    taken_off,
    vat_shown,
)
from app.reports.code_used import CodeUsed
from app.reports.given_back import Back, BackLine
from app.reports.invoice_list import InvoiceRow
from app.reports.order_files import OrderFile
from app.reports.order_making import Asked, Ordered, OrderMaking
from app.reports.order_short import ShortCopy
from app.reports.sent_again import Happened, InPlace
from app.reports.shared_parcel import Shared, shared_parcel
from app.reports.sleeves import Imprint, imprint, is_alone
from app.reports.vat_shown import VatShown
from app.reports.yours import Numbers, Yours, once_allocated, yours


class Progress(StrEnum):
    """Where an order is; all but cancelled is derived from facts."""

    CONFIRMED = "confirmed"  # authorised, the money is being taken
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the bank took its promise back; nothing was charged


@dataclass(frozen=True)
class Line:
    """Some copies of one run, as sold, whatever went back since; `amount` is before a code took something off."""

    title: str
    run: str
    numbers: tuple[int, ...]
    last: int
    amount: Money


@dataclass(frozen=True)
class Tracking:
    """How the parcel left; `number` and `url` may be empty."""

    carrier: str
    number: str
    url: str
    sent_at: datetime


@dataclass(frozen=True)
class OrderPage:
    """One order for its fan; `address` is one line of text each, the country's name last.

    `lines` are what was bought, `yours` what is left of it; all of it for an order that does not stand. `backs` is the money that
    went back or is on its way, `returned` what for, line by line, `refundable` what would if it were cancelled; `promised` while
    none was taken, `let_go` when none ever will be. `again` says which copies stand for damaged ones;
    `happened` what became of copies that had left, `in_place` what this order makes good.
    `short` are copies that did not come from the plant; while one is owed the parcel waits.
    `files` are what comes with its copies; they may be had unless `files_wait`.
    `makings` are the pre-orders in it, `asked` whether its address is still right.
    """

    order_id: int
    reference: str
    progress: Progress
    late: bool
    label: Imprint
    write_to: str
    yours: tuple[Yours, ...]
    lines: tuple[Line, ...]
    postage_name: str
    postage: Money
    taken_off: CodeUsed | None
    total: Money
    vat: VatShown
    invoices: tuple[InvoiceRow, ...]
    email: str
    address: tuple[str, ...]
    note: str
    placed_at: datetime
    cancelled_at: datetime | None
    tracking: Tracking | None
    backs: tuple[Back, ...]
    returned: tuple[BackLine, ...]
    may_cancel: bool
    may_readdress: bool
    promised: bool
    let_go: bool
    refundable: Money
    again: tuple[str, ...]
    happened: tuple[Happened, ...]
    in_place: InPlace | None
    short: tuple[ShortCopy, ...]
    files: tuple[OrderFile, ...]
    files_wait: bool
    makings: tuple[OrderMaking, ...]
    asked: Asked | None
    parcel: Shared

    @property
    def waits(self) -> bool:
        """Does it wait for a run that is not here yet?"""
        return any(each.view.waits for each in self.makings)

    @property
    def many(self) -> bool:
        """More than one copy?"""
        return sum(len(each.numbers) for each in self.yours) > 1

    @property
    def owed(self) -> bool:
        """Does its parcel wait for a copy that did not come?"""
        return any(each.open for each in self.short)

    @property
    def works(self) -> int:
        """How many releases its files belong to."""
        return len({file.work for file in self.files})

    @property
    def remains(self) -> Money:
        """What the order costs after all that went back."""
        return taken_off.remains(self.total, self.returned)


def order_page(session: Session, order: Order) -> OrderPage:
    """The page of this order as it stands now."""
    bought = once_allocated(session, [line.id for line in order.lines])
    backs = given_back.of_order(session, order.id)
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    money = ledger.of(session, payment) if payment is not None else None
    parcel, fell_short = session.execute(select(Parcel, order_short.ANY).where(Parcel.order_id == order.id)).one()
    issues = counts.issues_of_lines(session, list(bought))
    mine = _yours(session, order, bought, {line_id: tuple(numbers) for line_id, numbers in issues.items()})
    known = {each.run_id: (each.run, each.last) for each in mine}
    in_place = sent_again.in_place_of(session, order)
    promised = payment is not None and payment.state is PaymentState.AUTHORISED
    makings = order_making.of_order(session, order, _ordered(mine), parcel.state, payment)
    open_to_fan = readdress.may_fan(order, parcel.state)
    return OrderPage(
        order_id=order.id,
        reference=order.reference,
        progress=_progress(order, payment.state if payment is not None else None, parcel.state),
        late=order.late,
        label=imprint(order.label, alone=is_alone(session)),
        write_to=order.label.email,
        yours=mine,
        lines=_lines(order, bought, known),
        postage_name=order.postage_name,
        postage=code_used.full_postage(order),
        taken_off=code_used.code_used(order),
        total=Money(order.total_amount, order.currency),
        vat=vat_shown.of_order(session, order),
        invoices=invoice_list.of_order(session, order),
        email=order.email,
        address=address_lines(order),
        note=order.note,
        placed_at=order.placed_at,
        cancelled_at=order.cancelled_at,
        tracking=_tracking(parcel),
        backs=backs,
        returned=taken_off.returned(backs),
        may_cancel=in_place is None and cancel.may_fan(order, parcel.state, disputed=money is not None and money.disputed),
        may_readdress=open_to_fan,
        promised=promised,
        let_go=payment is not None and payment.state is PaymentState.VOIDED,
        refundable=Money(money.left if money is not None else 0, order.currency),
        again=_again(order, issues, known),
        happened=sent_again.of_order(session, order),
        in_place=in_place,
        short=order_short.of_order(session, order, payment) if fell_short else (),
        files=order_files.coming(session, order) if promised else order_files.of_order(session, order, payment),
        files_wait=promised,
        makings=makings,
        asked=order_making.asked(session, order.id) if makings and open_to_fan else None,
        parcel=shared_parcel(session, order, parcel),
    )


def _ordered(mine: Sequence[Yours]) -> list[Ordered]:
    return [Ordered(each.run_id, each.run, each.work, each.title) for each in mine if each.preorder]


def _again(order: Order, issues: Mapping[int, Mapping[int, int]], known: Mapping[int, tuple[str, int]]) -> tuple[str, ...]:
    lasts = {run_id: last for run_id, (_, last) in known.items()}
    shown = [line for line in order.lines if line.run_id in lasts]
    return tuple(words for line in shown for words in issued_again(issues[line.id], lasts[line.run_id]))


def _lines(order: Order, bought: Numbers, known: Mapping[int, tuple[str, int]]) -> tuple[Line, ...]:
    """What was bought, run by run: a code may have left a run with two lines."""
    full, made = code_used.full_lines(order), []
    for run_id, some in groupby(order.lines, key=lambda line: line.run_id):
        lines = list(some)
        run, last = known.get(run_id) or (lines[0].run.slug, lines[0].run.last_number)
        numbers = tuple(sorted(number for line in lines for number in bought[line.id]))
        made.append(Line(lines[0].title, run, numbers, last, total([full[line.id] for line in lines], order.currency)))
    return tuple(made)


def _yours(session: Session, order: Order, bought: Numbers, left: Numbers) -> tuple[Yours, ...]:
    """The copies that are the fan's; those that were, when the order is cancelled."""
    numbers = left if order.state is OrderState.PLACED and any(left.values()) else bought
    by_run: dict[int, tuple[int, ...]] = {}
    for line in order.lines:  # a code may have left a run with two lines
        if numbers[line.id]:
            by_run[line.run_id] = tuple(sorted((*by_run.get(line.run_id, ()), *numbers[line.id])))
    return yours(session, by_run)


def address_lines(order: Order) -> tuple[str, ...]:
    """Where an order goes, as on an envelope; empty lines left out."""
    town = " ".join(filter(None, (order.postal_code, order.city)))
    country = countries.name(order.country) if order.country else ""
    return tuple(filter(None, (order.name, order.line1, order.line2, town, order.region, country)))


def _progress(order: Order, payment: PaymentState | None, parcel: ParcelState) -> Progress:
    if order.state is OrderState.CANCELLED:
        return Progress.REFUSED if payment is PaymentState.CAPTURE_FAILED else Progress.CANCELLED
    if parcel is ParcelState.SENT:
        return Progress.SHIPPED
    if parcel is ParcelState.PACKED:
        return Progress.PACKED
    return Progress.PAID if order.total_amount == 0 or payment is PaymentState.CAPTURED else Progress.CONFIRMED


def _tracking(parcel: Parcel) -> Tracking | None:
    sent = parcel.shipment if parcel.state is ParcelState.SENT else None
    return Tracking(sent.carrier, sent.tracking, sent.tracking_url, sent.sent_at) if sent else None
