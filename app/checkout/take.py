"""Take copies of a drop: one hold per fan, set to the wanted quantities, never prolonged by clicking again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout.owned import owned_by_fan
from app.drops import doors, limits
from app.drops.sale import Sale
from app.inventory import claims, counts, holds, opening
from app.inventory.holds import Held, Opened
from app.inventory.models import Hold
from app.inventory.opening import Provided
from app.inventory.states import HoldState
from app.kernel.errors import BadInput, OverLimit, Paying, SoldOut, TooMany
from app.payments import attempts


@dataclass(frozen=True)
class Fan:
    """Who clicks: the random id in their cookie, a digest of the network they come from, and whether they ever clicked before."""

    id: str
    network: str
    known: bool = True


@dataclass(frozen=True)
class Taken:
    """The fan's hold after a take; `changed` is false when it was as wanted already."""

    hold: Opened
    contents: tuple[Held, ...]
    changed: bool


def take(session: Session, sale: Sale, wants: Mapping[int, int], fan: Fan, now: datetime) -> Taken:
    """Set the fan's hold of a drop to `wants`, copies per run id; runs not named stay as they are.

    All or nothing. Raises NotOpenYet, Closed, Paused, SoldOut, OverLimit, Paying, TooMany, Unavailable or BadInput.
    """
    doors.knock(sale.door, sale.slug, now)
    _check_wants(sale, wants)
    if (taken := _at_once(session, sale, wants, fan, now)) is not None:
        return taken
    hold = _live_hold(session, sale, fan, now)
    if not hold.fresh and attempts.is_pending(session, hold.id):
        raise Paying("You are paying for this hold. To change it, stop the payment first.", hold=hold)
    held = [] if hold.fresh else holds.contents(session, hold.id)
    before = {each.run_id: len(each.numbers) for each in held}
    after = {run: n for run, n in {**before, **wants}.items() if n}
    if after == before:
        return Taken(hold, tuple(held), changed=False)
    if hold.fresh:
        _check_network(session, sale, fan)
    limits.check(sale, after, owned_by_fan(session, sale.id, fan.id) if fan.known else {})
    claimed = _set(session, sale, hold, before, after, now)
    if not after:
        holds.put_back(session, _whole(session, hold), now, claims.FAN, "put back by the fan")
    return Taken(hold, tuple(holds.grouped(claimed) if hold.fresh else holds.contents(session, hold.id)), changed=True)


def take_as_known(session: Session, sale: Sale, wants: Mapping[int, int], fan: Fan, now: datetime) -> Taken | None:
    """The same for the usual first click, of a sale that was read a moment ago, with one statement.

    None, and nothing done, when anything about the sale has changed since, or when the click is another. Raises as `take` does.
    """
    doors.knock(sale.door, sale.slug, now)
    _check_wants(sale, wants)
    return _at_once(session, sale, wants, fan, now, sale.unchanged(next(run for run in sale.runs if run.run_id in wants)))


def _at_once(
    session: Session, sale: Sale, wants: Mapping[int, int], fan: Fan, now: datetime, provided: Provided | None = None
) -> Taken | None:
    """The usual first click, in one go; None, and nothing done, when it is another, does not work out, or has to be refused."""
    [(run_id, quantity), *more] = wants.items()
    if more or not opening.is_possible(session) or _held_nearby(session, sale, fan) > sale.network_holds:
        return None
    with suppress(OverLimit):  # whoever is paying is told that first
        limits.check(sale, wants, owned_by_fan(session, sale.id, fan.id) if fan.known else {})
        ends = limits.deadline(sale, now)
        found = opening.at_once(session, run_id, quantity, sale.id, fan.id, fan.network, now, ends, provided)
        return Taken(found[0], (Held(run_id, tuple(found[1])),), changed=True) if found else None
    return None


def _check_wants(sale: Sale, wants: Mapping[int, int]) -> None:
    sold_here = {run.run_id for run in sale.runs}
    if not wants or not any(wants.values()):
        raise BadInput("Choose how many copies you want, at least one.", {"quantity": "At least one copy."})
    if not wants.keys() <= sold_here:
        raise BadInput("That run is not sold in this drop.", {"run": "Not sold here."})
    if any(n < 0 or n > 100 for n in wants.values()):
        raise BadInput("A quantity is a whole number up to 100.", {"quantity": "A whole number up to 100."})


def _live_hold(session: Session, sale: Sale, fan: Fan, now: datetime) -> Opened:
    """The fan's hold of this drop, opened if need be; one whose time is over makes way for a new one."""
    hold = holds.open_hold(session, sale.id, fan.id, fan.network, now, limits.deadline(sale, now))
    if hold.state is HoldState.CLOSING or (hold.expires_at <= now and attempts.is_pending(session, hold.id)):
        raise Paying(
            "Your last hold is just ending, and we are asking Stripe whether it was paid. Try again in a minute.", hold=hold
        )
    if hold.expires_at <= now:
        holds.put_back(session, _whole(session, hold), now, claims.MACHINE, "lapsed")
        return holds.open_hold(session, sale.id, fan.id, fan.network, now, limits.deadline(sale, now))
    return hold


def _whole(session: Session, hold: Opened) -> Hold:
    return session.get_one(Hold, hold.id, populate_existing=True)


def _check_network(session: Session, sale: Sale, fan: Fan) -> None:
    """Fresh cookies from one network share a generous budget: hundreds of honest fans may sit behind one address."""
    held = _held_nearby(session, sale, fan)
    if held <= sale.network_holds:
        return
    made = sum(counts.tally(session, run.run_id).made for run in sale.runs)
    if held * 100 > made * sale.network_share:
        raise TooMany("Very many holds come from your network right now. Please try again in a minute.", retry_after=60)


def _held_nearby(session: Session, sale: Sale, fan: Fan) -> int:
    """How many copies the fan's network holds; not counted where all copies together are no more than it may have anyway."""
    if not fan.network or sale.copies <= sale.network_holds:
        return 0
    return holds.network_holds(session, sale.id, fan.network)


def _set(
    session: Session, sale: Sale, hold: Opened, before: Mapping[int, int], after: Mapping[int, int], now: datetime
) -> list[tuple[int, int]]:
    """Put back what is too much, then claim what is missing, run by run in one sequence; (run, number) of what was claimed."""
    claimed: list[tuple[int, int]] = []
    for run_id in sorted({*before, *after}):
        difference = after.get(run_id, 0) - before.get(run_id, 0)
        if difference < 0:
            claims.put_back_some(session, hold.id, run_id, -difference, now)
        elif difference > 0:
            claimed += [(run_id, number) for number in _claim(session, sale, hold, run_id, difference, now)]
    return claimed


def _claim(session: Session, sale: Sale, hold: Opened, run_id: int, quantity: int, now: datetime) -> list[int]:
    """Claim copies; before saying SoldOut, put back what is overdue and never reached Stripe, and try once more."""
    numbers = claims.hold_free(session, run_id, quantity, hold.id, now)
    while not numbers and (overdue := holds.overdue_unsent(session, sale.id, now, besides=hold.id, limit=quantity)):
        for late in overdue:  # no more than are needed: others who come now put back others
            holds.put_back(session, late, now, claims.MACHINE, "lapsed")
        numbers = claims.hold_free(session, run_id, quantity, hold.id, now)
    if not numbers and holds.await_overdue(session, sale.id, now):
        numbers = claims.hold_free(session, run_id, quantity, hold.id, now)
    if not numbers:
        raise _sold_out(session, sale, run_id, quantity)
    return numbers


def _sold_out(session: Session, sale: Sale, run_id: int, quantity: int) -> SoldOut:
    stock = counts.tally(session, run_id)
    if 0 < stock.available < quantity:
        only = "Only one copy is" if stock.available == 1 else f"Only {stock.available} copies are"
        return SoldOut(f"{only} free right now. Choose fewer and try again.", drop=sale.slug, free=stock.available)
    # Copies that look free and could not be had are being taken by others in this moment.
    if held := stock.held + stock.available:
        return SoldOut(
            "All copies are held by other fans. If one comes back, the page opens again.", drop=sale.slug, free=0, held=held
        )
    return SoldOut(f"All {stock.made} copies are sold. Nothing was held for you.", drop=sale.slug, free=0)
