"""The letters about copies that did not come: what is offered, what was answered, what came of it."""

from sqlalchemy import select

from app.checkout.shortfall_letters import SHORT, Say
from app.inventory.delivery_models import ShortfallState
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.orders.models import Order, OrderState
from app.payments.models import Payment
from app.reports import order_short
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import letter
from app.reports.order_short import ShortCopy
from app.reports.sleeves import imprint, is_alone

# While it is still so; what has moved on since has a letter of its own.
_TRUE_OF = {
    Say.OFFER: ShortfallState.OFFERED,
    Say.REMINDER: ShortfallState.OFFERED,
    Say.OPEN_AGAIN: ShortfallState.OFFERED,
    Say.REFUNDING: ShortfallState.REFUNDING,
    Say.WAITS: ShortfallState.WAITS,
    Say.EXCHANGED: ShortfallState.EXCHANGED,
    Say.REPLACED: ShortfallState.REPLACED,
}


def short(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """What is said about some copies of an order; None when it is not true of any of them any more."""
    order = desk.session.get(Order, payload["order"])
    if order is None or order.state is OrderState.CANCELLED:
        return None
    say, ids = Say(payload["say"]), set(payload["shortfalls"])
    payment = desk.session.scalar(select(Payment).where(Payment.order_id == order.id))
    found = [
        each for each in order_short.of_order(desk.session, order, payment) if each.id in ids and each.state is _TRUE_OF.get(say)
    ]
    if not found and say is not Say.CAME:
        return None
    return letter(
        "short",
        f"{SHORT}.{order.id}.{say}.{'.'.join(map(str, sorted(ids)))}.{payload.get('at', 0)}",
        order.email,
        _subject(say, found),
        label=imprint(order.label, alone=is_alone(desk.session)),
        write_to=order.label.email,
        reference=order.reference,
        zone=order.label.time_zone,
        say=say.value,
        copies=found,
        url=f"{desk.order_url(order)}/missing",
        order_url=desk.order_url(order),
    )


def _subject(say: Say, found: list[ShortCopy]) -> str:
    what = ", ".join(each.no for each in found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    verb = "have" if len(found) > 1 else "has"
    return {
        Say.OFFER: f"{what} did not come from the plant: what would you like?",
        Say.REMINDER: f"{what} did not come: your answer is still open",
        Say.OPEN_AGAIN: f"{what}: your answer is open again",
        Say.REFUNDING: f"{what}: your money goes back",
        Say.WAITS: f"{what}: you wait for the next issue",
        Say.EXCHANGED: f"In place of {what}: {', '.join(each.instead for each in found)} is yours",
        Say.REPLACED: f"{', '.join(each.instead for each in found)} {verb} come and is yours",
        Say.CAME: "It came after all: nothing is missing from your order",
    }[say].replace("have come and is yours", "have come and are yours")
