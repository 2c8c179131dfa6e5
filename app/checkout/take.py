"""Take copies of a drop: one hold per fan, set to the wanted quantities, never prolonged by clicking again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout.owned import owned_by_fan
from app.drops import doors, limits
from app.drops.models import Drop
from app.inventory import claims, counts, holds
from app.inventory.holds import Held
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel.errors import BadInput, Paying, SoldOut, TooMany
from app.payments import attempts


@dataclass(frozen=True)
class Fan:
    """Who clicks: the random id in their cookie and a digest of the network they come from."""

    id: str
    network: str


@dataclass(frozen=True)
class Taken:
    """The fan's hold after a take; `changed` is false when it was as wanted already."""

    hold: Hold
    contents: tuple[Held, ...]
    changed: bool


def take(session: Session, drop: Drop, wants: Mapping[int, int], fan: Fan, now: datetime) -> Taken:
    """Set the fan's hold of a drop to `wants`, copies per run id; runs not named stay as they are.

    All or nothing. Raises NotOpenYet, Closed, Paused, SoldOut, OverLimit, Paying, TooMany or BadInput.
    """
    doors.knock(drop, now)
    _check_wants(drop, wants)
    hold, fresh = _live_hold(session, drop, fan, now)
    if attempts.pending(session, hold.id):
        raise Paying("You are paying for this hold. To change it, stop the payment first.", hold=hold)
    before = {held.run_id: len(held.numbers) for held in holds.contents(session, hold.id)}
    after = {run: n for run, n in {**before, **wants}.items() if n}
    if after == before:
        return Taken(hold, tuple(holds.contents(session, hold.id)), changed=False)
    if fresh:
        _check_network(session, drop, fan)
    limits.check(drop, after, owned_by_fan(session, drop.id, fan.id))
    _set(session, drop, hold, before, after, now)
    if not after:
        holds.put_back(session, hold, now, claims.FAN, "put back by the fan")
    return Taken(hold, tuple(holds.contents(session, hold.id)), changed=True)


def _check_wants(drop: Drop, wants: Mapping[int, int]) -> None:
    sold_here = {entry.run_id for entry in drop.entries}
    if not wants or not any(wants.values()):
        raise BadInput("Choose how many copies you want, at least one.", {"quantity": "At least one copy."})
    if not wants.keys() <= sold_here:
        raise BadInput("That run is not sold in this drop.", {"run": "Not sold here."})
    if any(n < 0 or n > 100 for n in wants.values()):
        raise BadInput("A quantity is a whole number up to 100.", {"quantity": "A whole number up to 100."})


def _live_hold(session: Session, drop: Drop, fan: Fan, now: datetime) -> tuple[Hold, bool]:
    """The fan's hold of this drop, opened if need be; one whose time is over makes way for a new one."""
    hold, fresh = holds.open_hold(session, drop.id, fan.id, fan.network, now, limits.deadline(drop, now))
    if hold.state is HoldState.CLOSING or (hold.expires_at <= now and attempts.pending(session, hold.id)):
        raise Paying(
            "Your last hold is just ending, and we are asking Stripe whether it was paid. Try again in a minute.", hold=hold
        )
    if hold.expires_at <= now:
        holds.put_back(session, hold, now, claims.MACHINE, "lapsed")
        return holds.open_hold(session, drop.id, fan.id, fan.network, now, limits.deadline(drop, now))
    return hold, fresh


def _check_network(session: Session, drop: Drop, fan: Fan) -> None:
    """Fresh cookies from one network share a generous budget: hundreds of honest fans may sit behind one address."""
    if not fan.network:
        return
    held = holds.network_holds(session, drop.id, fan.network)
    if held <= drop.network_holds:
        return
    made = sum(stock.made for stock in counts.stock(session, [entry.run_id for entry in drop.entries]).values())
    if held * 100 > made * drop.network_share:
        raise TooMany("Very many holds come from your network right now. Please try again in a minute.", retry_after=60)


def _set(session: Session, drop: Drop, hold: Hold, before: Mapping[int, int], after: Mapping[int, int], now: datetime) -> None:
    """Put back what is too much, then claim what is missing, run by run in one sequence."""
    for run_id in sorted({*before, *after}):
        difference = after.get(run_id, 0) - before.get(run_id, 0)
        if difference < 0:
            claims.put_back_some(session, hold.id, run_id, -difference, now)
        elif difference > 0 and not _claim(session, drop, hold, run_id, difference, now):
            raise _sold_out(session, drop, run_id)


def _claim(session: Session, drop: Drop, hold: Hold, run_id: int, quantity: int, now: datetime) -> list[int]:
    """Claim copies; before saying no, put back what is overdue and never reached Stripe, and try once more."""
    numbers = claims.hold_free(session, run_id, quantity, hold.id, now)
    if numbers:
        return numbers
    for hold_id in holds.overdue_unsent(session, drop.id, now):
        overdue = holds.locked(session, hold_id)
        if overdue is not None and overdue.id != hold.id:
            holds.put_back(session, overdue, now, claims.MACHINE, "lapsed")
    return claims.hold_free(session, run_id, quantity, hold.id, now)


def _sold_out(session: Session, drop: Drop, run_id: int) -> SoldOut:
    stock = counts.stock(session, [run_id])[run_id]
    if stock.available:
        only = "Only one copy is" if stock.available == 1 else f"Only {stock.available} copies are"
        return SoldOut(f"{only} free right now. Choose fewer and try again.", drop=drop.slug, free=stock.available)
    if stock.held:
        return SoldOut(
            "All copies are held by other fans. If one comes back, the page opens again.", drop=drop.slug, free=0, held=stock.held
        )
    return SoldOut(f"All {stock.made} copies are sold. Nothing was held for you.", drop=drop.slug, free=0)
