"""Copies that staff hold for somebody, and give away: a hold of no fan's, and an order for which nothing is due."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout.details import normalise
from app.checkout.quote import quote
from app.checkout.settle import settle_free
from app.drops.models import Drop, DropRun
from app.inventory import desk_holds, holds
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy, DeskHold, Hold
from app.inventory.states import HoldState
from app.kernel.errors import BadInput, Conflict, NotFound
from app.kernel.money import Money
from app.orders.totals import Quote
from app.payments.facts import Address

LONGEST = timedelta(days=60)
TOMORROW = timedelta(days=1)
AT_ONCE = timedelta(minutes=5)  # a copy that is given is held for no longer than the transaction


def hold_copy(session: Session, copy_id: int, asked: Asked, until: datetime, now: datetime) -> Hold:
    """Set one free copy aside until a time; after that it lapses like every hold. No limit counts it.

    NotFound; BadInput for a time that cannot be; Conflict when the copy is not free, or no drop sells its run.
    """
    if not now < until <= now + LONGEST:
        raise BadInput("", {"until": "A time to come, at most sixty days from now."})
    copy = session.get(Copy, copy_id)
    if copy is None:
        raise NotFound("There is no such copy.")
    hold = desk_holds.begin(session, copy, _drop_of(session, copy.run_id), asked, now, until)
    if hold is None:
        raise Conflict("This copy is not free any more: somebody else has just taken it. Nothing was changed.")
    return hold


def give(session: Session, hold_id: int, to: Address, email: str, now: datetime) -> int:
    """Make the order of a copy that staff hold, with nothing to pay; its id. It is told by mail where there is an address.

    BadInput, CannotPostThere, or Conflict when the hold is over.
    """
    hold = _locked(session, hold_id, now)
    written = normalise(email)[0] if email else ""
    # Limits count by the normalised address, and what is given away is nobody's share.
    holds.note_details(hold, written, "", to.country, None, "")
    return settle_free(session, hold, _free(quote(session, hold, now=now).quote), to, now)


def put_back(session: Session, hold_id: int, actor: str, now: datetime) -> list[int]:
    """Put a copy that staff hold back on sale; its number. Conflict when the hold is over."""
    return holds.put_back(session, _locked(session, hold_id, now), now, actor, "not held for anybody any more")


def _locked(session: Session, hold_id: int, now: datetime) -> Hold:
    hold = holds.locked(session, hold_id)
    if hold is None or session.get(DeskHold, hold_id) is None or hold.state is not HoldState.ACTIVE or hold.expires_at <= now:
        raise Conflict("This copy is not held for anybody any more. Look at it again.")
    return hold


def _drop_of(session: Session, run_id: int) -> int:
    """The drop that the hold belongs to: the latest one that sells the run, published ones first."""
    sold_in = select(Drop.id).join(DropRun, DropRun.drop_id == Drop.id).where(DropRun.run_id == run_id)
    latest = sold_in.order_by(Drop.published_at.is_(None), Drop.opens_at.desc(), Drop.id.desc()).limit(1)
    # Whoever takes the run out of the drop waits, or was first and is seen by the second look. Fans' takes are not kept waiting.
    found = session.scalar(latest.with_for_update(of=Drop, read=True, key_share=True))
    if found is None or session.scalar(select(DropRun.id).where(DropRun.drop_id == found, DropRun.run_id == run_id)) is None:
        raise Conflict("No drop sells this run yet, and every order belongs to one. Plan a drop of it first; it may stay a draft.")
    return found


def _free(due: Quote) -> Quote:
    """The same with nothing to pay."""
    nothing = Money(0, due.total.currency)
    lines = tuple(replace(line, unit=nothing, added=0) for line in due.lines)
    return Quote(lines, replace(due.postage, amount=nothing, added=0), levy=due.levy)
