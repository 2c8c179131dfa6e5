"""Send copies in place of others: an order of its own that costs nothing, with its own number, parcel and shipment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.checkout import readdress
from app.checkout.paid_rate import rate_id
from app.checkout.settle import settle_free
from app.fulfilment import again
from app.inventory import claims, holds
from app.inventory.models import Hold
from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.orders.totals import Postage, Quote, QuoteLine

_FOR_A_MOMENT = timedelta(minutes=1)  # it is spent in the transaction that opens it


@dataclass(frozen=True)
class Sent:
    """A free copy that goes out, in place of one of this order line."""

    line: OrderLine
    number: int


def send_again(session: Session, order: Order, copies: Sequence[Sent], now: datetime) -> int:
    """The order with which these free copies go where `order` went; its id. Conflict when somebody has just taken one of them."""
    hold = _hold(session, order, now)
    lines = tuple(_line(order, line, copies) for line in _a_line_per_run(copies))
    for line in lines:
        if not claims.hold_these(session, line.run_id, line.numbers, hold.id, now):
            raise Conflict("Somebody has just taken one of these copies. Look again, then choose.")
    free = Money(0, order.currency)
    quote = Quote(lines, Postage(hold.rate_id or 0, order.postage_name, order.country, free))
    return settle_free(session, hold, quote, readdress.address_of(order), now)


def _hold(session: Session, order: Order, now: datetime) -> Hold:
    """Every order comes from a hold; the fan's cookie has no part in this one."""
    before = session.get_one(Hold, order.hold_id)
    nobody = f"{holds.SENT_AGAIN}{order.id}:{again.count(session, order.id)}"
    opened = holds.open_hold(session, order.drop_id, nobody, "", now, now + _FOR_A_MOMENT)
    hold = session.get_one(Hold, opened.id)
    holds.note_details(hold, order.email, order.email_key, order.country, rate_id(session, order), before.note)
    return hold


def _a_line_per_run(copies: Sequence[Sent]) -> list[OrderLine]:
    return list({each.line.run_id: each.line for each in copies}.values())


def _line(order: Order, line: OrderLine, copies: Sequence[Sent]) -> QuoteLine:
    numbers = tuple(sorted(each.number for each in copies if each.line.run_id == line.run_id))
    return QuoteLine(line.run_id, line.title, numbers, line.run.last_number, Money(0, order.currency))
