"""What money stands for that was taken after all, when its order had been cancelled already: its copies and its postage."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.inventory import departed
from app.inventory.states import CopyState
from app.orders.models import Order
from app.payments.models import Fate, PartKind, RefundPart

_FATES = {CopyState.AVAILABLE: Fate.PUT_BACK, CopyState.WITHDRAWN: Fate.WITHDRAWN}


def parts(session: Session, order: Order | None, left: int) -> list[RefundPart]:
    """All that is left of a payment, as when its order is cancelled a moment later; a bare amount where there never was one."""
    found = list(_named(session, order, left)) if order is not None else []
    rest = left - sum(part.amount for part in found)
    return [*found, RefundPart(kind=PartKind.AMOUNT, amount=rest)] if rest else found


def _named(session: Session, order: Order, left: int) -> Iterator[RefundPart]:
    """Each copy at most at its price, then the postage; the copies have left the order, and stay where they are."""
    gone = departed.of_lines(session, [line.id for line in order.lines])
    for line in order.lines:
        for copy_id, after in gone[line.id][: line.quantity]:
            amount = min(left, line.unit_amount)
            left -= amount
            yield RefundPart(kind=PartKind.COPY, amount=amount, copy_id=copy_id, order_line_id=line.id, fate=_FATES[after])
    postage = min(left, order.postage_amount)
    if postage:
        yield RefundPart(kind=PartKind.POSTAGE, amount=postage)
