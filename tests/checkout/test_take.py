"""Take: sets what the fan holds, all or nothing, never prolongs, and refuses with reasons; a refusal changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.checkout.take import Fan, take
from app.drops.models import Drop
from app.drops.sale import Sale
from app.inventory.holds import Opened
from app.inventory.models import Copy, Hold, StockMovement
from app.inventory.states import HoldState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Closed, NotFound, NotOpenYet, OverLimit, Paused, Paying, Refusal, SoldOut, TooMany
from tests.builders import (
    make_drop,
    make_label,
    make_release,
    make_run,
    open_attempt,
    open_drop,
    paid_order,
    take_some,
    take_with_details,
)
from tests.cast import ADA, BEN, EVE, NOW, Person, StoppedClock, someone

MS = timedelta(milliseconds=1)


def _holds(db: Database) -> list[Hold]:
    with reading(db) as session:
        return list(session.scalars(select(Hold).order_by(Hold.id)))


def _letters(db: Database) -> str:
    with reading(db) as session:
        return "".join(state[0] for state in session.scalars(select(Copy.state).order_by(Copy.run_id, Copy.number)))


def _two_runs(db: Database, *, limit: int | None = None, run_limit: int | None = None) -> tuple[int, int, int]:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        tape, zine = make_run(session, release, size=4, limit=run_limit), make_run(session, release, size=2)
        return make_drop(session, [tape, zine], limit=limit).id, tape.id, zine.id


def test_the_lowest_numbers_are_held_until_the_deadline(db: Database) -> None:
    drop, run = open_drop(db, size=5, hold_minutes=12)
    taken = take_some(db, drop, {run: 2})
    assert [(held.run_id, held.numbers) for held in taken.contents] == [(run, (1, 2))]
    assert taken.changed is True
    [hold] = _holds(db)
    assert (hold.state, hold.fan, hold.network, hold.created_at) == (HoldState.ACTIVE, "ada-cookie", "net-a", NOW)
    assert (hold.expires_at, hold.grace_given, hold.sent) == (NOW + timedelta(minutes=12), False, False)
    with reading(db) as session:
        moved = session.scalars(select(StockMovement).where(StockMovement.after == "held").order_by(StockMovement.id)).all()
    assert [(m.copy_id, m.before, m.hold_id, m.actor, m.at) for m in moved] == [
        (n, "available", hold.id, "fan", NOW) for n in (1, 2)
    ]


def test_the_same_click_again_changes_nothing(db: Database) -> None:
    drop, run = open_drop(db)
    first = take_some(db, drop, {run: 2})
    again = take_some(db, drop, {run: 2}, now=NOW + timedelta(minutes=9))
    assert (again.changed, again.hold.id, again.contents) == (False, first.hold.id, first.contents)
    assert again.hold.expires_at == NOW + timedelta(minutes=10)
    with reading(db) as session:
        assert len(session.scalars(select(StockMovement.id).where(StockMovement.after == "held")).all()) == 2


def test_more_keeps_the_numbers_and_fewer_puts_back_the_highest(db: Database) -> None:
    drop, run = open_drop(db, size=5)
    take_some(db, drop, {run: 1})
    take_some(db, drop, {run: 1}, BEN)
    assert [held.numbers for held in take_some(db, drop, {run: 3}).contents] == [(1, 3, 4)]
    late = NOW + timedelta(minutes=5)
    fewer = take_some(db, drop, {run: 2}, now=late)
    assert [held.numbers for held in fewer.contents] == [(1, 3)]
    assert fewer.hold.expires_at == NOW + timedelta(minutes=10)
    assert _letters(db) == "hhhaa"


def test_runs_not_named_stay(db: Database) -> None:
    drop, tape, zine = _two_runs(db)
    take_some(db, drop, {tape: 2})
    both = take_some(db, drop, {zine: 1})
    assert [(held.run_id, held.numbers) for held in both.contents] == [(tape, (1, 2)), (zine, (1,))]
    only = take_some(db, drop, {tape: 0, zine: 1})
    assert [(held.run_id, held.numbers) for held in only.contents] == [(zine, (1,))]
    assert len(_holds(db)) == 1


def test_it_is_all_or_nothing(db: Database) -> None:
    drop, tape, zine = _two_runs(db)
    with pytest.raises(SoldOut, match="Only 2 copies are free"):
        take_some(db, drop, {tape: 1, zine: 3})
    assert (_holds(db), _letters(db)) == ([], "aaaaaa")


def test_the_fan_keeps_what_they_had_when_more_is_not_there(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    take_some(db, drop, {run: 1}, BEN)
    take_some(db, drop, {run: 1}, ADA)
    with pytest.raises(SoldOut, match="held by other fans") as refusal:
        take_some(db, drop, {run: 2}, ADA)
    assert refusal.value.context == {"drop": "drop-1", "free": 0, "held": 2}
    assert [hold.state for hold in _holds(db)] == [HoldState.ACTIVE] * 2


def test_sold_out_says_which_kind(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    paid_order(db, drop, {run: 1}, ADA)
    with pytest.raises(SoldOut, match="Only one copy is free"):
        take_some(db, drop, {run: 2}, BEN)
    paid_order(db, drop, {run: 1}, BEN)
    with pytest.raises(SoldOut, match=r"All 2 copies are sold\. Nothing was held"):
        take_some(db, drop, {run: 1}, EVE)


@pytest.mark.parametrize(
    ("wants", "field"),
    [({}, "quantity"), ({1: 0}, "quantity"), ({99: 1}, "run"), ({1: 1, 99: 1}, "run"), ({1: -1}, "quantity"),
     ({1: 101}, "quantity"), ({1: 10**30}, "quantity"), ({1: 1, 2: -1}, "quantity")],
)  # fmt: skip
def test_nonsense_is_bad_input(db: Database, wants: dict[int, int], field: str) -> None:
    drop, _, _ = _two_runs(db)
    with pytest.raises(BadInput) as refusal:
        take_some(db, drop, wants)
    assert list(refusal.value.fields) == [field]
    assert (_holds(db), refusal.value.status) == ([], 422)


@pytest.mark.parametrize(
    ("decided", "now", "refusal"),
    [
        ({"published_at": None}, NOW, NotFound),
        ({"opens_at": NOW}, NOW - MS, NotOpenYet),
        ({"closes_at": NOW}, NOW, Closed),
        ({"closed_at": NOW}, NOW, Closed),
        ({"paused_at": NOW}, NOW, Paused),
    ],
)
def test_a_shut_door_holds_nothing(db: Database, decided: dict[str, object], now: object, refusal: type[Refusal]) -> None:
    drop, run = open_drop(db)
    with transaction(db) as session:
        for name, value in decided.items():
            setattr(session.get_one(Drop, drop), name, value)
    with pytest.raises(refusal):
        take_some(db, drop, {run: 1}, now=now)  # type: ignore[arg-type]
    assert _holds(db) == []


def test_the_first_millisecond_counts(db: Database) -> None:
    drop, run = open_drop(db)
    with transaction(db) as session:
        session.get_one(Drop, drop).opens_at = NOW
    assert take_some(db, drop, {run: 1}, now=NOW).changed


def test_limits_count_holds_and_orders(db: Database) -> None:
    drop, tape, zine = _two_runs(db, limit=3, run_limit=2)
    paid_order(db, drop, {tape: 1}, ADA)
    with pytest.raises(OverLimit, match=r"2 copies of Night Bus \(4 numbered, clear shell\), and you have 1 already"):
        take_some(db, drop, {tape: 2})
    take_some(db, drop, {tape: 1, zine: 1})
    with pytest.raises(OverLimit, match="3 copies from this drop, and you have 1 already"):
        take_some(db, drop, {zine: 2})
    take_some(db, drop, {tape: 2, zine: 1}, BEN)
    assert _letters(db) == "ahhhhh"


def test_while_paying_nothing_can_be_changed(db: Database) -> None:
    drop, run = open_drop(db)
    hold = take_with_details(db, drop, {run: 1})
    open_attempt(db, hold.id)
    with pytest.raises(Paying) as refusal:
        take_some(db, drop, {run: 2})
    kept = refusal.value.context["hold"]
    assert isinstance(kept, Opened)
    assert (kept.id, kept.generation, refusal.value.status) == (hold.id, 1, 409)  # readable after the transaction


def test_a_lapsed_hold_makes_way_for_a_new_one(db: Database, clock: StoppedClock) -> None:
    drop, run = open_drop(db)
    take_some(db, drop, {run: 2})
    late = clock.forward(minutes=10)
    taken = take_some(db, drop, {run: 1}, now=late)
    assert [hold.state for hold in _holds(db)] == [HoldState.PUT_BACK, HoldState.ACTIVE]
    assert (taken.hold.expires_at, [held.numbers for held in taken.contents]) == (late + timedelta(minutes=10), [(1,)])


def test_a_hold_that_stripe_knows_does_not_make_way(db: Database, clock: StoppedClock) -> None:
    drop, run = open_drop(db, size=1)
    open_attempt(db, take_with_details(db, drop, {run: 1}).id)
    late = clock.forward(minutes=11)
    with pytest.raises(Paying, match="asking Stripe"):
        take_some(db, drop, {run: 1}, now=late)
    with pytest.raises(SoldOut):
        take_some(db, drop, {run: 1}, BEN, now=late)
    assert _letters(db) == "h"


def test_overdue_holds_are_put_back_before_sold_out_is_said(db: Database, clock: StoppedClock) -> None:
    """Nothing depends on the sweeper being alive."""
    drop, run = open_drop(db, size=3)
    take_some(db, drop, {run: 2}, ADA)
    take_some(db, drop, {run: 1}, BEN, now=NOW + timedelta(minutes=5))
    with pytest.raises(SoldOut):
        take_some(db, drop, {run: 1}, EVE, now=NOW + timedelta(minutes=10) - MS)
    late = clock.forward(minutes=10)
    assert [held.numbers for held in take_some(db, drop, {run: 2}, EVE, now=late).contents] == [(1, 2)]
    assert [hold.state for hold in _holds(db)] == [HoldState.PUT_BACK, HoldState.ACTIVE, HoldState.ACTIVE]


def _crowd(n: int) -> Person:
    fan = someone(f"f{n}")
    return Person(fan.name, fan.email, Fan(fan.fan.id, "one-network"))


def test_one_network_has_a_generous_budget_for_fresh_cookies(db: Database) -> None:
    drop, run = open_drop(db, size=10)
    with transaction(db) as session:
        stored = session.get_one(Drop, drop)
        stored.network_holds, stored.network_share = 2, 40
    for n in range(5):  # more than two, but not yet more than 40 per cent of ten
        take_some(db, drop, {run: 1}, _crowd(n))
    with pytest.raises(TooMany) as refusal:
        take_some(db, drop, {run: 1}, _crowd(6))
    assert refusal.value.retry_after == 60
    take_some(db, drop, {run: 2}, _crowd(1))  # who has a hold may change it
    take_some(db, drop, {run: 1}, BEN)
    assert _letters(db) == "h" * 7 + "aaa"


def _rush(db: Database, budget: int) -> tuple[int, int]:
    """Two bots of one network for each honest fan, the bots first, for a hundred copies: how many holds each kind has."""
    drop, run = open_drop(db, size=100)
    with transaction(db) as session:
        stored = session.get_one(Drop, drop)
        stored.network_holds, stored.network_share = budget, 20
    had = {"bot": 0, "fan": 0}
    for n in range(70):
        for kind, who in (("bot", _crowd(2 * n)), ("bot", _crowd(2 * n + 1)), ("fan", someone(f"honest{n}"))):
            try:
                take_some(db, drop, {run: 1}, who)
                had[kind] += 1
            except (TooMany, SoldOut):
                continue
    return had["bot"], had["fan"]


def test_a_crowd_of_bots_leaves_each_honest_fan_a_copy(db: Database) -> None:
    assert _rush(db, budget=5) == (21, 70)


def test_without_the_networks_budget_honest_fans_go_away_with_nothing(db: Database) -> None:
    bots, fans = _rush(db, budget=10_000)
    assert (bots, fans) == (67, 33)


def test_who_has_no_known_network_is_not_counted(db: Database) -> None:
    drop, run = open_drop(db, size=10)
    with transaction(db) as session:
        stored = session.get_one(Drop, drop)
        stored.network_holds = stored.network_share = 0
    for n in range(3):
        with transaction(db) as session:
            take(session, Sale.of(session.get_one(Drop, drop)), {run: 1}, Fan(f"c{n}", ""), NOW)
    assert _letters(db) == "hhh" + "a" * 7


def test_when_many_holds_lapse_at_once_everybody_who_comes_then_has_a_copy(db: Database) -> None:
    drop, run = open_drop(db, size=24)
    for n in range(24):
        take_some(db, drop, {run: 1}, someone(f"fan{n}"))
    late = NOW + timedelta(minutes=11)

    def come(n: int) -> bool:
        return take_some(db, drop, {run: 1}, someone(f"late{n}"), late).changed

    with ThreadPoolExecutor(8) as crowd:
        assert list(crowd.map(come, range(24))) == [True] * 24
    assert _letters(db) == "h" * 24
