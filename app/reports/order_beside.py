"""What stands beside orders in a list: refunds, disputes and tags of many orders, read with one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, false, literal, select, union_all
from sqlalchemy.orm import Session

from app.orders.models import Tag, TaggedOrder
from app.payments.models import Dispute, Payment, Refund
from app.payments.states import GONE, DisputeState, PaymentState, RefundState
from app.reports.awaited import TAKES_OUT
from app.reports.money_word import MoneyWord, word_of
from app.reports.order_tags import TagRow


@dataclass
class Beside:
    """One order's: `awaits` is a refund that takes copies out and is not decided yet, the oldest."""

    back: int = 0
    disputes: list[DisputeState] = field(default_factory=list)
    awaits: int | None = None
    tags: tuple[TagRow, ...] = ()

    def word(self, payment: Payment | None) -> MoneyWord | None:
        """What has become of the order's money."""
        captured = payment is not None and payment.state is PaymentState.CAPTURED
        return word_of(payment.amount, self.back, self.disputes) if payment and captured else None


def beside(session: Session, orders: Mapping[int, int | None]) -> dict[int, Beside]:
    """What there is, by the order's id; `orders` are ids with those of their payments."""
    found = {id_: Beside() for id_ in orders}
    of = {payment_id: id_ for id_, payment_id in orders.items() if payment_id is not None}
    for kind, owner, id_, state, amount, text, out in session.execute(_statement(list(orders), list(of))):
        if kind == "tag":
            found[owner].tags = (*found[owner].tags, TagRow(id_, amount, text))
        elif kind == "dispute":
            found[of[owner]].disputes.append(DisputeState(state))
        else:
            found[of[owner]].back += amount if state in GONE else 0
            if state == RefundState.PROPOSED and out and found[of[owner]].awaits is None:
                found[of[owner]].awaits = id_
    return found


def _statement(order_ids: Sequence[int], payment_ids: Sequence[int]) -> Select[Any]:
    """Rows of (kind, order or payment, id, state, amount or label, name, does it take copies out)."""
    out = Refund.parts.any(TAKES_OUT).label("out")
    nothing, text = literal(""), literal("").label("text")
    refunds = select(literal("refund").label("kind"), Refund.payment_id.label("owner"), Refund.id.label("id"), _written(Refund))
    disputes = select(literal("dispute"), Dispute.payment_id, Dispute.id, _written(Dispute), literal(0), nothing, false())
    tags = select(literal("tag"), TaggedOrder.order_id, Tag.id, nothing, Tag.label_id, Tag.name, false())
    every = union_all(
        refunds.add_columns(Refund.amount.label("amount"), text, out).where(Refund.payment_id.in_(payment_ids)),
        disputes.where(Dispute.payment_id.in_(payment_ids)),
        tags.join(Tag, Tag.id == TaggedOrder.tag_id).where(TaggedOrder.order_id.in_(order_ids)),
    ).subquery()
    return select(every).order_by(every.c.text, every.c.id)


def _written(kind: type[Refund] | type[Dispute]) -> ColumnElement[str]:
    return cast(kind.state, String).label("state")
