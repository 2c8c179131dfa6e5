"""Races for copies, judged by what clients were told: nobody is told the number that somebody else was told."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.checkout import lapse, pay
from app.checkout.take import Taken
from app.inventory import claims, holds
from app.inventory.models import Copy, Hold
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import HoldLapsed, Refusal, SoldOut
from app.payments.facts import Address
from app.payments.states import AttemptState
from tests.builders import RETURNS, open_attempt, open_drop, settle_as, take_some, take_with_details
from tests.cast import ADA, BEN, EVE, NOW, Person, StoppedClock
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

CLAIM = r"UPDATE copies SET"
PUT_BACK = r"SELECT copies.*WHERE copies.id IN"


def _told(said: Any) -> list[int]:
    """The numbers that an answer promised."""
    return [number for held in said.contents for number in held.numbers] if isinstance(said, Taken) else []


def _try(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except Refusal as refusal:
        return refusal


def _read_then_write(rival: Rival) -> Callable[..., list[int]]:
    """A claim as one writes it at first: look what is free, then take it."""

    def claim(session: Session, run_id: int, quantity: int, **values: object) -> list[int]:
        free = select(Copy.id).where(Copy.run_id == run_id, Copy.state == CopyState.AVAILABLE).order_by(Copy.number).limit(quantity)
        ids = list(session.scalars(free))
        if rival._thread.ident is None:
            rival.burst_in()
        session.execute(update(Copy).where(Copy.id.in_(ids)).values(**values).execution_options(synchronize_session=False))
        return ids

    return claim


# hold ‖ hold


def test_two_takes_of_the_last_copy(db: Database) -> None:
    drop, run = open_drop(db, size=1)
    rival = Rival(lambda: take_some(db, drop, {run: 1}, BEN))
    with at_statement(db, CLAIM, rival):
        ours = _try(lambda: take_some(db, drop, {run: 1}, ADA))
    theirs = rival.finish()
    assert sorted(_told(ours) + _told(theirs)) == [1]
    assert [type(said) for said in (ours, theirs) if not _told(said)] == [SoldOut]


def test_control_two_takes_of_the_last_copy(db: Database, unchecked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, run = open_drop(db, size=1)
    with no_locks(db) as bare:
        rival = Rival(lambda: take_some(bare, drop, {run: 1}, BEN))
        monkeypatch.setattr(claims, "_claim", _read_then_write(rival))
        ours = _try(lambda: take_some(bare, drop, {run: 1}, ADA))
    assert _told(ours) + _told(rival.finish()) == [1, 1], "without its guard this race must oversell"


# hold ‖ lapse


def _lapse_against_take(db: Database, drop: int, run: int, clock: StoppedClock) -> list[int]:
    """Ada's time is over; the sweeper puts her copy back while Ben takes it; then Eve tries. The numbers told to Ben and Eve."""
    hold = take_some(db, drop, {run: 1}, ADA).hold
    late = clock.forward(minutes=11)
    ben = Rival(lambda: take_some(db, drop, {run: 1}, BEN, late))
    with at_statement(db, PUT_BACK, ben):
        lapse.lapse(db, None, clock, hold.id)  # type: ignore[arg-type]  # Stripe was never asked, so it is not needed
    ben.finish()
    if not _told(ben.said):
        ben.said = _try(lambda: take_some(db, drop, {run: 1}, BEN, late))
    return _told(ben.said) + _told(_try(lambda: take_some(db, drop, {run: 1}, EVE, late)))


def test_a_lapse_does_not_put_back_the_next_fans_copy(db: Database, clock: StoppedClock) -> None:
    drop, run = open_drop(db, size=1)
    assert _lapse_against_take(db, drop, run, clock) == [1]


def test_control_a_lapse_without_the_holds_lock(
    db: Database, clock: StoppedClock, unchecked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop, run = open_drop(db, size=1)
    with no_locks(db) as bare:
        monkeypatch.setattr(holds, "locked", lambda session, hold_id: session.get(Hold, hold_id))
        assert _lapse_against_take(bare, drop, run, clock) == [1, 1], "without its guard this race must oversell"


# settle ‖ lapse


def _lapse_against_money(db: Database, drop: int, run: int, clock: StoppedClock) -> tuple[list[int], list[int]]:
    """Money for an attempt believed to have failed, while the sweeper ends the hold: what Ada owns, what Ben is told."""
    hold = take_with_details(db, drop, {run: 1}, ADA)
    attempt = open_attempt(db, hold.id)
    with transaction(db) as session:
        failed = {"state": AttemptState.FAILED, "ended_at": NOW}
        session.execute(update(type(attempt)).where(type(attempt).id == attempt.id).values(**failed))
    late = clock.forward(minutes=11)
    money = Rival(lambda: settle_as(db, attempt, now=late))
    with at_statement(db, PUT_BACK, money):
        lapse.lapse(db, None, clock, hold.id)  # type: ignore[arg-type]  # no session is open, so Stripe is not asked
    payment = money.finish()
    sold = [1] if payment is not None and payment.order_id is not None else []
    return sold, _told(_try(lambda: take_some(db, drop, {run: 1}, BEN, late)))


def test_a_lapse_does_not_put_back_a_paid_copy(db: Database, clock: StoppedClock) -> None:
    drop, run = open_drop(db, size=1)
    sold, told = _lapse_against_money(db, drop, run, clock)
    assert sorted(sold + told) == [1]


def test_control_a_lapse_beside_money(db: Database, clock: StoppedClock, unchecked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, run = open_drop(db, size=1)
    with no_locks(db) as bare:
        monkeypatch.setattr(holds, "locked", lambda session, hold_id: session.get(Hold, hold_id))
        assert _lapse_against_money(bare, drop, run, clock) == ([1], [1]), "without its guard this race must oversell"


# pay ‖ lapse


def _lapse_against_pay(db: Database, drop: int, run: int, clock: StoppedClock) -> tuple[Any, list[int]]:
    """Ada presses pay on a process whose clock is a little behind, while the sweeper ends her hold: what she and Ben are told."""
    hold = take_with_details(db, drop, {run: 1}, ADA)
    clock.set(hold.expires_at)

    def press_pay() -> str:
        with transaction(db) as session:
            _, attempt = pay._prepare(session, hold.id, 2595, RETURNS, Address(), hold.expires_at - clock.resolution)
            assert attempt is not None
            return "pay for number 1"

    ada = Rival(press_pay)
    with at_statement(db, PUT_BACK, ada):
        lapse.lapse(db, None, clock, hold.id)  # type: ignore[arg-type]  # Stripe was never asked, so it is not needed
    said = ada.finish()
    return said, _told(_try(lambda: take_some(db, drop, {run: 1}, BEN, clock.now())))


def test_nobody_pays_for_a_hold_that_was_put_back(db: Database, clock: StoppedClock) -> None:
    drop, run = open_drop(db, size=1)
    said, told = _lapse_against_pay(db, drop, run, clock)
    assert isinstance(said, HoldLapsed)
    assert told == [1]


def test_control_paying_beside_a_lapse(db: Database, clock: StoppedClock, unchecked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, run = open_drop(db, size=1)
    with no_locks(db) as bare:
        monkeypatch.setattr(holds, "locked", lambda session, hold_id: session.get(Hold, hold_id))
        assert _lapse_against_pay(bare, drop, run, clock) == ("pay for number 1", [1]), "without its guard both are promised it"


def test_a_lapse_waits_for_a_pay_and_then_finds_more_time(db: Database, clock: StoppedClock) -> None:
    drop, run = open_drop(db, size=1)
    hold = take_with_details(db, drop, {run: 1}, ADA)
    clock.set(hold.expires_at)
    sweeper = Rival(lambda: lapse.lapse(db, None, clock, hold.id))  # type: ignore[arg-type]
    with at_statement(db, r"INSERT INTO checkout_attempts", sweeper), transaction(db) as session:
        pay._prepare(session, hold.id, 2595, RETURNS, Address(), hold.expires_at - clock.resolution)
    assert sweeper.finish() is None
    with reading(db) as session:
        found = session.get_one(Hold, hold.id)
    assert (found.state, found.grace_given) == ("active", True)
    assert found.expires_at == hold.expires_at - clock.resolution + pay.GRACE


def _first_click(db: Database, drop: int, run: int, person: Person) -> Any:
    return _try(lambda: take_some(db, drop, {run: 1}, person))


def test_two_first_clicks_of_one_fan_are_one_hold(db: Database) -> None:
    drop, run = open_drop(db, size=3)
    rival = Rival(lambda: _first_click(db, drop, run, ADA))
    with at_statement(db, r"INSERT INTO holds", rival):
        ours = _first_click(db, drop, run, ADA)
    assert ours.hold.id == rival.finish().hold.id
    assert _told(ours) == _told(rival.said) == [1]
