"""Gives the money back for a copy that did not come, once the time to think it over has passed."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import refund, shortfall_choice
from app.checkout.parts import Choice, Plan
from app.checkout.refund import By
from app.checkout.shortfall_answers import Asked, locked
from app.fulfilment import again
from app.inventory import shortfalls
from app.inventory.claims import FAN
from app.inventory.delivery_models import ShortfallState
from app.payments.models import Fate, Refund, RefundOrigin

REASON = "the copy did not come from the plant"


def give_back(session: Session, shortfall_id: int, now: datetime) -> Refund | None:
    """Begin the refund that was chosen; None when it was undone, or is not due. One that staff chose may need a second person.

    The price of the copy; all that is left of the order, the postage too, when it was the last, and the order is cancelled.
    Raises NotPaid while the money is only promised, Disputed, OverRefund, or Conflict: see `note_trouble`.
    """
    asked = locked(session, shortfall_id)
    row = asked.row
    if row.state is not ShortfallState.REFUNDING or row.due_at is None or row.due_at > now or row.refund_id is not None:
        return None
    folder = refund.look(session, asked.order)
    plan = _plan(session, asked)
    shown = refund.outlook(session, folder, plan).amount.amount
    made = refund.ask(session, asked.order.id, plan, shown, _by(row.answered_by), now)
    row.refund_id, row.trouble = made.id, ""
    session.flush()
    return made


def note_trouble(session: Session, shortfall_id: int, why: str) -> None:
    """Say at the desk why the money could not go back; every hour it is tried again, until somebody settles it otherwise."""
    row = shortfalls.locked(session, shortfall_id)
    if row.state is ShortfallState.REFUNDING and row.refund_id is None:
        row.trouble = why
        session.flush()


def _plan(session: Session, asked: Asked) -> Plan:
    whole = shortfall_choice.last_of(session, asked.row, asked.order)
    copies = {asked.row.copy_id: Choice(Fate.WITHDRAWN, shortfalls.WHY)}
    return Plan(copies, whole=whole, mishaps=again.count(session, asked.order.id))


def _by(answered_by: str) -> By:
    """Whoever answered: the label's limit is for what staff choose, not for what a fan was offered."""
    kind, _, id_ = answered_by.partition(":")
    if kind == "staff":
        return By(RefundOrigin.DESK, answered_by, REASON, int(id_))
    return By(RefundOrigin.FAN if kind == FAN else RefundOrigin.MACHINE, answered_by, REASON)
