"""What the gallery has of a delivery that fell short: fans who are asked, wait, have answered, and have what stands for theirs."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import delivery, next_issue, shortfall_answers
from app.checkout.delivery_plan import Said, outlook
from app.checkout.shortfall_choice import Answer, other_number
from app.fulfilment.models import Parcel, ParcelState
from app.inventory.delivery_models import Shortfall, Unanswered
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.db import transaction
from app.orders.models import Order, OrderLine
from app.payments.models import Payment
from app.payments.states import PaymentState
from app.reports import links
from tests.browser.running import RunningShop

ACTOR = "staff:1"


def stage_short(shop: RunningShop, names: dict[str, Any], run_slug: str) -> dict[str, Any]:
    """Five copies did not come; the orders by where they stand."""
    used = {value for name, value in names.items() if name.startswith("order_") and name.endswith("_id")}
    with transaction(shop.db) as session:
        numbers, run_id = _sold(session, run_slug, used)
        said = Said(None, numbers[:5], use_reserve=False, unanswered=Unanswered.REFUND, days=14, promise="in March, same plant")
        shown = outlook(session, run_id, said).sign
        now = shop.now()
        delivery.deliver(session, run_id, said, shown, now, ACTOR)
        rows = session.scalars(select(Shortfall).order_by(Shortfall.id)).all()
        offered, waits, refunding, exchanged, replaced, *_others = rows
        shortfall_answers.answer(session, replaced.id, Answer.WAIT, now, "fan")
        shown = next_issue.outlook(session, run_id, 1).sign
        next_issue.arrive(session, run_id, 1, shown, now, ACTOR)
        shortfall_answers.answer(session, waits.id, Answer.WAIT, now, ACTOR, words="on the telephone")
        shortfall_answers.answer(session, refunding.id, Answer.REFUND, now, "fan")
        other = other_number(session, exchanged, _order(session, exchanged))
        shortfall_answers.answer(session, exchanged.id, Answer.OTHER, now, "fan", number=other)
        of = {"offered": offered, "waits": waits, "refunding": refunding, "exchanged": exchanged}
        orders = {name: _order(session, row) for name, row in of.items()}
        paths = {f"short_{name}": links.order_path(shop.tokens, order) for name, order in orders.items()}
        return paths | {"short_run_id": run_id, "short_order_id": orders["waits"].id, "short_more": str(numbers[5])}


def _sold(session: Session, run_slug: str, besides: set[int]) -> tuple[tuple[int, ...], int]:
    """Numbers whose orders are just paid and wait to be packed, one of each order; and the run."""
    mine = select(Order.id, Copy.number, Copy.run_id).join(OrderLine, OrderLine.order_id == Order.id)
    found = mine.join(Copy, Copy.order_line_id == OrderLine.id).join(Parcel, Parcel.order_id == Order.id)
    paid = found.join(Payment, Payment.order_id == Order.id).where(Payment.state == PaymentState.CAPTURED)
    here = paid.where(Parcel.state == ParcelState.OPEN, Copy.state == CopyState.ALLOCATED, OrderLine.run.has(slug=run_slug))
    first: dict[int, int] = {}
    run_id = 0
    for order_id, number, run in session.execute(here.order_by(Order.id.desc(), Copy.number)):
        run_id = run
        if order_id not in besides:
            first.setdefault(order_id, number or 0)
    return tuple(first.values()), run_id


def _order(session: Session, row: Shortfall) -> Order:
    return session.get_one(Order, session.get_one(OrderLine, row.order_line_id).order_id)
