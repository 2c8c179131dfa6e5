"""The gallery's orders whose money did not just stay: given back, disputed, waiting for somebody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Staff
from app.catalogue import limit_changes
from app.checkout import aftermath, cancel, mishaps, refund
from app.checkout.mishap_answers import Again, Answer, Answers
from app.checkout.parts import Choice, Plan
from app.checkout.refund import By
from app.drops.models import Drop
from app.fulfilment.models import Trouble
from app.inventory import counts
from app.orders.models import Order
from app.payments.facts import DisputeFacts, RefundFacts
from app.payments.models import Fate, Payment, Refund, RefundOrigin
from app.payments.states import DisputeState, RefundState


def stage_money(session: Session, orders: Sequence[Order], now: datetime) -> dict[str, Any]:
    """Make these orders' money interesting; the ids of orders and refunds by what is to be seen of them."""
    parted, disputed, decide, proposed, alone, fallen, called_off = orders[:7]
    owner, packer = (session.scalars(select(Staff.id).where(Staff.email.startswith(who))).one() for who in ("sam@", "pia@"))
    _ask(session, parted, Plan(postage=True), now, owner, RefundState.SUCCEEDED)
    _ask(session, parted, Plan(amount=300), now, owner, RefundState.PENDING)
    said = _facts(session, disputed)
    dispute = ("du_gallery", said[0], said[1], "EUR", DisputeState.NEEDS_RESPONSE, "product_not_received")
    _hear(session, disputed, [], [DisputeFacts(*dispute, now + timedelta(days=9), now)], now)
    _hear(session, decide, [RefundFacts("re_decide", *_facts(session, decide), "EUR", RefundState.SUCCEEDED, "", "", now)], [], now)
    fell = _ask(session, fallen, Plan(amount=500), now, owner, RefundState.FAILED, "lost_or_stolen_card")
    cancel.cancel_by_fan(session, called_off.id, now)
    proposed.label.refund_limit = 0
    waits = _ask(session, proposed, _whole(session, proposed), now, packer)
    mine = _ask(session, alone, Plan(amount=600), now - timedelta(minutes=11), owner)
    fresh = _ask(session, alone, Plan(amount=100), now, owner)
    proposed.label.refund_limit = 5000
    limit_changes.ask(session, proposed.label, 10000, owner, now - timedelta(minutes=11))
    of = {"parted": parted, "disputed": disputed, "decide": decide, "called_off": called_off}
    return {
        **{f"order_{name}_id": order.id for name, order in of.items()},
        "refund_proposed_id": waits.id,
        "refund_alone_id": mine.id,
        "refund_early_id": fresh.id,
        "refund_fallen_id": fell.id,
        "refund_done_id": session.scalars(select(Refund.id).where(Refund.order_id == parted.id)).first(),
    }


def sent_again(session: Session, drop: str, now: datetime) -> tuple[Order, Order]:
    """The newest order of a drop comes back and is sent again; the order, and the one that sends it."""
    order = session.scalars(select(Order).join(Drop).where(Drop.slug == drop).order_by(Order.id.desc())).first()
    assert order is not None
    [copy_id, *_] = (each.copy_id for each in counts.owned_by_lines(session, [line.id for line in order.lines]))
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    said = Answers({copy_id: Answer(Trouble.CAME_BACK, Again.SAME)}, words="the house number was missing")
    by = By(RefundOrigin.DESK, "staff:1", "no such number", 1)
    made = mishaps.answer(session, order.id, said, mishaps.seen(session, order, payment), by, now)
    return order, session.get_one(Order, made.again_order_id)


def _whole(session: Session, order: Order) -> Plan:
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    return Plan({each.copy_id: Choice(Fate.PUT_BACK) for each in owned}, whole=True)


def _ask(
    session: Session, order: Order, plan: Plan, now: datetime, staff_id: int, state: RefundState | None = None, why: str = ""
) -> Refund:
    """A refund asked for at the desk, and what Stripe said of it."""
    shown = refund.outlook(session, refund.look(session, order), plan).amount.amount
    by = By(RefundOrigin.DESK, f"staff:{staff_id}", "the parcel came back crushed", staff_id)
    made = refund.ask(session, order.id, plan, shown, by, now)
    if state is not None:
        facts = RefundFacts(f"re_gallery_{made.id}", None, made.amount, "EUR", state, made.idempotency_key, why, now)
        _hear(session, order, [facts], [], now)
    return made


def _facts(session: Session, order: Order) -> tuple[str, int]:
    payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
    return payment.intent_id, payment.amount


def _hear(session: Session, order: Order, back: list[RefundFacts], disputes: list[DisputeFacts], now: datetime) -> None:
    payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
    aftermath.apply(session, payment.id, back, disputes, now, "evt_gallery")
