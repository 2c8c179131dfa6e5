"""Mails, written when they are sent: from references in the outbox to subject, text and HTML."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.accounts import invitations, moving
from app.accounts.notices import NOTICE
from app.catalogue.making_changes import TOLD
from app.checkout.asking import STILL_THERE
from app.checkout.follow import CONFIRM, NOT_CHARGED
from app.checkout.money_back import CANCELLED, REFUNDED
from app.checkout.shortfall_letters import SHORT
from app.drops import reminders
from app.drops.models import Drop, Reminder
from app.fulfilment import together
from app.fulfilment.models import Parcel, Shipment
from app.fulfilment.shipping import SHIPPED
from app.inventory import counts
from app.inventory.models import Hold
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.kernel.tokens import Tokens
from app.orders.models import Order, OrderState
from app.payments.models import CheckoutAttempt, Payment
from app.privacy import data_links, erasures
from app.reports import (
    letter_invited,
    letter_short,
    letters_again,
    letters_back,
    letters_data,
    letters_moving,
    letters_preorder,
    letters_staff,
)
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import at, copies, letter, works
from app.reports.order_page import OrderPage, order_page
from app.reports.sleeves import imprint, is_alone
from app.reports.yours import yours

LINK = "mail.link"
_ROOM = 78  # characters of a subject, as a mail's line should have at most


def write(session: Session, kind: str, payload: JsonDict, base_url: str, tokens: Tokens) -> Letter | None:
    """The letter that an outbox row asks for; None when what it is about is gone or not true any more, or there is no address."""
    written = _WRITERS[kind](LetterDesk(session, base_url, tokens), payload)
    return written if written is None or written.to else None


def _confirmed(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    order = desk.session.get(Order, payload["order"])
    if order is None or order.state is OrderState.CANCELLED:
        return None
    again = f".again-{payload['again']}" if "again" in payload else ""
    page = order_page(desk.session, order)
    if page.in_place is not None:
        return letters_again.sent_again(desk, order, page, page.in_place, again)
    verb = "are" if page.many else "is"
    subject = _subject(page, lambda mine: f"{mine} {verb} yours: {works(page.yours)}")
    return letter("confirmed", f"{CONFIRM}.{order.id}{again}", order.email, subject, page=page, url=desk.order_url(order))


def _shipped(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    shipment = desk.session.get(Shipment, payload["shipment"])
    if shipment is None:
        return None
    order = desk.session.get_one(Order, desk.session.get_one(Parcel, shipment.parcel_id).order_id)
    orders = together.orders(desk.session, order.id)
    page, *others = [order_page(desk.session, each) for each in orders]
    whole = page if not others else _whole(desk.session, orders, (page, *others))
    subject = _subject(whole, lambda mine: f"On its way: {mine}, {works(whole.yours)}")
    more = [(each.reference, desk.order_url(desk.session.get_one(Order, each.order_id))) for each in others]
    return letter("shipped", f"{SHIPPED}.{shipment.id}", order.email, subject, page=whole, url=desk.order_url(order), more=more)


def _whole(session: Session, orders: Sequence[Order], pages: Sequence[OrderPage]) -> OrderPage:
    """The first of these orders, with the copies and files of all that left in its parcel."""
    lines = [line for order in orders for line in order.lines]
    numbers, by_run = counts.numbers_of_lines(session, [line.id for line in lines]), dict[int, tuple[int, ...]]()
    for line in lines:
        by_run[line.run_id] = tuple(sorted((*by_run.get(line.run_id, ()), *numbers[line.id])))
    return replace(
        pages[0],
        reference=" + ".join(each.reference for each in pages),
        yours=yours(session, by_run),
        files=tuple({file.id: file for each in pages for file in each.files}.values()),
    )


def _not_charged(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    payment = desk.session.get(Payment, payload["payment"])
    if payment is None:
        return None
    hold = desk.session.get_one(Hold, desk.session.get_one(CheckoutAttempt, payment.attempt_id).hold_id)
    order = desk.session.get(Order, payment.order_id) if payment.order_id else None
    to = order.email if order else hold.email
    if not to:
        return None
    drop = desk.session.get_one(Drop, hold.drop_id)
    return letter(
        "not_charged",
        f"{NOT_CHARGED}.{payment.id}",
        to,
        "You were not charged",
        reason=payment.void_reason or "bank",
        label=imprint(drop.label, alone=is_alone(desk.session)),
        write_to=drop.label.email,
        drop=drop.title,
        url=desk.drop_url(drop),
    )


def _link(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    orders = [order for each in payload["orders"] if (order := desk.session.get(Order, each)) is not None]
    if not orders or len({order.email.lower() for order in orders}) > 1:  # an address was corrected since
        return None
    found = [(order_page(desk.session, order), desk.order_url(order)) for order in orders]
    key = f"{LINK}.{orders[0].id}.{payload.get('asked', 0)}"
    first = found[0][0]
    subject = "Your order" if len(found) == 1 else f"Your {len(found)} orders"
    return letter("link", key, orders[0].email, subject, found=found, label=first.label, write_to=first.write_to)


def _confirm_address(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    return _reminder(desk, payload, "confirm_address", reminders.CONFIRM_ADDRESS, "Shall we remind you of {drop}?")


def _remind(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    return _reminder(desk, payload, "reminder", reminders.REMIND, "{drop} opens {at}")


def _reminder(desk: LetterDesk, payload: JsonDict, template: str, kind: str, subject: str) -> Letter | None:
    wish = desk.session.get(Reminder, payload["reminder"])
    if wish is None or (kind == reminders.CONFIRM_ADDRESS and wish.confirmed_at is not None):
        return None
    drop = desk.session.get_one(Drop, wish.drop_id)
    opens = at(drop.opens_at, drop.label.time_zone)
    return letter(
        template,
        ".".join([kind, str(wish.id), *filter(None, [payload.get("asked")])]),
        wish.email,
        subject.format(drop=drop.title, at=opens),
        label=imprint(drop.label, alone=is_alone(desk.session)),
        write_to=drop.label.email,
        drop=drop.title,
        opens=opens,
        drop_url=desk.drop_url(drop),
        url=f"{desk.base_url}/reminders/{desk.tokens.make(reminders.KIND, wish.id, 1)}",
    )


def _subject(page: OrderPage, said: Callable[[str], str]) -> str:
    """All copies by their numbers; only how many they are, where that would be too long."""
    whole = said(copies(page.yours))
    count = sum(len(each.numbers) for each in page.yours)
    return whole if len(whole) <= _ROOM or count == 1 else said(f"{count} copies")


_WRITERS: dict[str, Callable[[LetterDesk, JsonDict], Letter | None]] = {
    CONFIRM: _confirmed,
    SHIPPED: _shipped,
    NOT_CHARGED: _not_charged,
    REFUNDED: letters_back.refunded,
    CANCELLED: letters_back.cancelled,
    TOLD: letters_preorder.told,
    STILL_THERE: letters_preorder.still_there,
    SHORT: letter_short.short,
    LINK: _link,
    reminders.CONFIRM_ADDRESS: _confirm_address,
    reminders.REMIND: _remind,
    NOTICE: letters_staff.changed,
    invitations.MAIL: letter_invited.invited,
    moving.MAIL: letters_moving.asked,
    moving.TOLD: letters_moving.left,
    data_links.MAIL: letters_data.link,
    erasures.ASKED: letters_data.asked,
    erasures.PARTLY: letters_data.partly,
    erasures.ERASED: letters_data.erased,
}
