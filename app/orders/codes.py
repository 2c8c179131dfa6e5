"""Finding a discount code, and whether it may be used: by whom, when, for what and how often."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CompoundSelect, and_, delete, func, select, union
from sqlalchemy.orm import Session

from app.inventory.models import Hold
from app.kernel.schema import table
from app.orders.models import DiscountCode, DiscountRun, HoldCode, Order, OrderCode, OrderState
from app.orders.taking_off import Rule
from app.payments import attempts

_NAMED = table(HoldCode).c
UNKNOWN = "We do not know this code. Look at how it is written; capitals do not matter."


@dataclass(frozen=True)
class Uses:
    """How often a code is used: by everybody, and by one fan."""

    all: int
    theirs: int


def written(typed: str) -> str:
    """A code as we keep it, however it was typed: in capitals, without spaces."""
    return "".join(unicodedata.normalize("NFKC", typed).upper().split())


def find(session: Session, label_id: int, typed: str) -> DiscountCode | None:
    """A label's code, however it was typed."""
    return session.scalar(select(DiscountCode).where(DiscountCode.label_id == label_id, DiscountCode.code == written(typed)))


def of_hold(session: Session, hold_id: int) -> DiscountCode | None:
    """The code that stands on a hold."""
    return session.scalar(
        select(DiscountCode).join(HoldCode, HoldCode.code_id == DiscountCode.id).where(HoldCode.hold_id == hold_id)
    )


def keep(session: Session, hold_id: int, code_id: int | None) -> None:
    """Have this code stand on a hold instead of the one that did; None for no code."""
    session.execute(delete(HoldCode).where(HoldCode.hold_id == hold_id))
    if code_id is not None:
        session.add(HoldCode(hold_id=hold_id, code_id=code_id))
    session.flush()


def lock(session: Session, code: DiscountCode) -> None:
    """Lock a code and read it again: who uses it next waits until we are through. An order that names it need not wait."""
    session.refresh(code, with_for_update={"key_share": True})


def rule(session: Session, code: DiscountCode) -> Rule:
    """What a code takes off, and of what."""
    runs = session.scalars(select(DiscountRun.run_id).where(DiscountRun.code_id == code.id)) if not code.every_run else None
    return Rule(code.id, code.code, code.kind, code.value, frozenset(runs) if runs is not None else None)


def uses(session: Session, code_id: int, email_key: str, besides: int) -> Uses:
    """The holds other than `besides` whose order stands, or that may be paid right now.

    So a payment that lapses gives its use back, and so does an order that is cancelled. Who has bought is known by the hold: an
    order's own address may be corrected later.
    """
    used = uses_of([code_id]).subquery()
    theirs = func.count().filter(and_(Hold.email_key == email_key, Hold.email_key != ""))
    found = select(func.count(), theirs).select_from(used).join(Hold, Hold.id == used.c.hold_id).where(Hold.id != besides)
    return Uses(*session.execute(found).one())


def uses_of(code_ids: Sequence[int]) -> CompoundSelect[int, int]:
    """code_id and hold_id of every use of these codes: the order stands, or the hold may be paid right now."""
    ordered = select(OrderCode.code_id, Order.hold_id).join(Order, Order.id == OrderCode.order_id)
    paying = select(HoldCode.code_id, HoldCode.hold_id).where(HoldCode.code_id.in_(code_ids), attempts.being_paid(_NAMED.hold_id))
    return union(ordered.where(OrderCode.code_id.in_(code_ids), Order.state == OrderState.PLACED), paying)


def over(code: DiscountCode, now: datetime) -> bool:
    """Was it ended, or is its time over?"""
    return code.ended_at is not None or (code.ends_at is not None and code.ends_at <= now)


def no_now(code: DiscountCode, now: datetime) -> str:
    """Why a code cannot be used at this time; empty when it can."""
    if over(code, now):
        return f"The code {code.code} is over."
    if code.begins_at is not None and code.begins_at > now:
        return f"The code {code.code} cannot be used yet. Keep it for later."
    return ""


def no_for(found: Rule, runs: Collection[int]) -> str:
    """Why a code cannot be used for copies of these runs; empty when it can."""
    return "" if any(found.is_for(run_id) for run_id in runs) else f"The code {found.code} is not for these copies."


def no_more(code: DiscountCode, so_far: Uses) -> str:
    """Why a code cannot be used once more; empty when it can."""
    if code.once_per_fan and so_far.theirs:
        return f"You have used the code {code.code} already; each fan may use it once."
    if code.most_uses is not None and so_far.all >= code.most_uses:
        return f"The code {code.code} is used up."
    return ""
