"""Pairs that meet over copies and holds, judged by what people were told."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.accounts.roles import Role
from app.checkout import aside, lapse, pay
from app.checkout.pay import Going
from app.checkout.take import Taken
from app.drops import pausing, stopping
from app.drops.models import Drop
from app.fulfilment.replacing import Replaced, replace_damaged
from app.inventory import claims, holds
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy, Hold, StockMovement
from app.inventory.pressing import press_reserve
from app.inventory.states import CopyState, HoldState
from app.kernel.db import reading, transaction
from app.kernel.errors import Closed, Conflict, HoldLapsed, Paused, Paying, PriceChanged, Refusal, SoldOut
from app.orders import placing
from app.orders.models import Order
from app.payments.facts import Address
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState
from tests.builders import BERLIN, RETURNS, open_attempt, open_drop, paid_order, settle_as, take_some, take_with_details
from tests.cast import ADA, BEN, EVE, SAM, Person, StoppedClock
from tests.races import guards
from tests.races.pairs import Call, Control, Pair, Part
from tests.staff.seat import make_staff
from tests.story import Story

CLAIM = r"UPDATE copies SET"
MORE = r"^(?!.*INSERT INTO holds).*UPDATE copies SET"  # into a hold that is there already
PUT_BACK = r"SELECT copies.*WHERE copies.id IN"
ASK = r"INSERT INTO checkout_attempts"
PRICE = 2400 + 195
ASKED = Asked("Mira", "the artist's own", 1, SAM)


def told(said: Any) -> list[int]:
    """The numbers that an answer promised."""
    return [number for held in said.contents for number in held.numbers] if isinstance(said, Taken) else []


def tries(story: Story, at: Any, person: Person) -> Any:
    """Somebody comes afterwards and takes one."""
    try:
        return take_some(story.db, at.drop, {at.run: 1}, person, story.clock.now())
    except Refusal as no:
        return no


# Scenes.


def copies(size: int) -> Any:
    """An open drop with so many copies."""

    def stage(story: Story) -> Any:
        drop, run = open_drop(story.db, size=size)
        return SimpleNamespace(drop=drop, run=run)

    return stage


def one_copy_and_sam(story: Story) -> Any:
    """An open drop with one copy; Sam (1) manages its label."""
    at = copies(1)(story)
    with reading(story.db) as session:
        label = session.get_one(Drop, at.drop).label_id
    make_staff(story.db, "Sam", {label: Role.MANAGER})
    return at


def overdue(story: Story) -> Any:
    """Ada's hold of the last copy is over, and Stripe never heard of it."""
    at = copies(1)(story)
    at.hold = take_some(story.db, at.drop, {at.run: 1}, ADA).hold.id
    story.clock.forward(minutes=11)
    return at


def ready(story: Story) -> Any:
    """Ada holds one of two copies and has said where to."""
    at = copies(2)(story)
    at.hold = take_with_details(story.db, at.drop, {at.run: 1}, ADA).id
    return at


def at_the_deadline(story: Story) -> Any:
    """Ada's hold of the last copy ends now; on another process it ends in a millisecond."""
    at = copies(1)(story)
    hold = take_with_details(story.db, at.drop, {at.run: 1}, ADA)
    at.hold, at.behind = hold.id, StoppedClock(hold.expires_at - StoppedClock.resolution)
    story.clock.set(hold.expires_at)
    return at


def open_too_long(story: Story) -> Any:
    """Ada's payment page is open, and the time of her hold is over."""
    at = copies(1)(story)
    at.hold = take_with_details(story.db, at.drop, {at.run: 1}, ADA).id
    story.pay(at.hold)
    story.after_deadline(at.hold)
    return at


def believed_failed(story: Story) -> Any:
    """Ada's hold is over, and her attempt is believed to have failed; it did not."""
    at = copies(1)(story)
    at.hold = take_with_details(story.db, at.drop, {at.run: 1}, ADA).id
    at.attempt = open_attempt(story.db, at.hold)
    with transaction(story.db) as session:
        mine = session.get_one(CheckoutAttempt, at.attempt.id)
        mine.state, mine.ended_at = AttemptState.FAILED, story.clock.now()
    story.clock.forward(minutes=11)
    return at


def spares(orders: int, reserve: int) -> Any:
    """Paid orders of one copy each, all of them damaged, and so many copies of the reserve."""

    def stage(story: Story) -> Any:
        drop, run = open_drop(story.db, size=orders)
        for person in (ADA, BEN)[:orders]:
            paid_order(story.db, drop, {run: 1}, person)
        with transaction(story.db) as session:
            press_reserve(session, run, reserve, 0, story.clock.now(), SAM)
            ids = session.scalars(select(Copy.id).where(Copy.number.is_not(None)).order_by(Copy.number))
            return SimpleNamespace(run=run, copies=list(ids))

    return stage


# Deeds.


def take(person: Person, quantity: int = 1) -> Any:
    """Somebody takes copies."""
    return lambda story, at: take_some(story.db, at.drop, {at.run: quantity}, person, story.clock.now())


def sweep(story: Story, at: Any) -> None:
    """The sweeper ends the hold."""
    story.lapse(at.hold)


def press_pay(story: Story, at: Any) -> Going:
    """Ada presses Pay."""
    clock = getattr(at, "behind", story.clock)
    return pay.pay(story.db, story.gateway, clock, at.hold, PRICE, RETURNS, lambda _: Address())


def put_back(story: Story, at: Any) -> list[int]:
    """Ada puts her copies back."""
    with transaction(story.db) as session:
        return lapse.put_back(session, at.hold, story.clock.now())


def money_comes(story: Story, at: Any) -> Payment | None:
    """Money comes for the attempt that was believed to have failed."""
    return settle_as(story.db, at.attempt, now=story.clock.now())


def withdraw(story: Story, at: Any) -> int | None:
    """Sam takes the first copy off sale."""
    with transaction(story.db) as session:
        first = session.scalars(select(Copy.id).order_by(Copy.number)).first() or 0
        return claims.withdraw(session, first, story.clock.now(), SAM, "damaged")


def replace(which: int) -> Any:
    """Sam replaces a damaged copy."""

    def deed(story: Story, at: Any) -> Replaced:
        with transaction(story.db) as session:
            return replace_damaged(session, at.copies[which], "cracked", story.clock.now(), SAM)

    return deed


def close(story: Story, at: Any) -> None:
    """The label stops the drop."""
    with transaction(story.db) as session:
        stopping.stop(session, at.drop, "The plant called.", story.clock.now())


def pause(story: Story, at: Any) -> None:
    """The label pauses the drop."""
    with transaction(story.db) as session:
        pausing.pause(session, at.drop, "The printer is on fire.", story.clock.now())


def set_aside(story: Story, at: Any) -> int:
    """Sam sets copy 1 aside for somebody."""
    with transaction(story.db) as session:
        first = session.scalars(select(Copy.id).order_by(Copy.number)).first() or 0
        return aside.hold_copy(session, first, ASKED, story.clock.now() + timedelta(hours=2), story.clock.now()).id


def give_away(story: Story, at: Any) -> int:
    """Sam gives copy 1 to somebody."""
    with transaction(story.db) as session:
        first = session.scalars(select(Copy.id).order_by(Copy.number)).first() or 0
        hold = aside.hold_copy(session, first, ASKED, story.clock.now() + aside.AT_ONCE, story.clock.now())
        return aside.give(session, hold.id, BERLIN, "", story.clock.now())


# What must be true.


def one_has_it(story: Story, at: Any, a: Any, b: Any) -> None:
    """One has copy 1; the other is told that it is taken, and nothing of theirs is left."""
    assert sorted(isinstance(said, (Conflict, SoldOut)) for said in (a, b)) == [False, True]
    with reading(story.db) as session:
        moved = session.scalars(select(StockMovement.id).where(StockMovement.before == CopyState.AVAILABLE)).all()
        assert (len(moved), len(session.scalars(select(Hold.id)).all())) == (1, 1)


def one_is_told(_story: Story, _at: Any, a: Any, b: Any) -> None:
    """One gets number 1, the other hears that there is none."""
    assert sorted(told(a) + told(b)) == [1]
    assert [type(said) for said in (a, b) if not told(said)] == [SoldOut]


def one_hold(_story: Story, _at: Any, a: Any, b: Any) -> None:
    """Both clicks are told of the same hold."""
    assert told(a) == told(b) == [1]
    assert a.hold.id == b.hold.id


def had_once(story: Story, at: Any, a: Any, _b: Any) -> None:
    """The copy that came back is had by one of those who come, and by no other."""
    ben = told(a) or told(tries(story, at, BEN))
    assert ben + told(tries(story, at, EVE)) == [1]


def put_back_once(story: Story, at: Any, a: Any, b: Any) -> None:
    """The copy was made, held and put back; the next fan has it, and only they."""
    assert (a, b) == (None, None)
    with reading(story.db) as session:
        assert session.scalars(select(StockMovement.after).order_by(StockMovement.id)).all() == ["available", "held", "available"]
    had_once(story, at, None, None)


def withdrawn_or_held(_story: Story, _at: Any, a: Any, b: Any) -> None:
    """The copy is off sale or held, and the other side is told so."""
    assert (a, type(b)) == (1, SoldOut) or (type(a), told(b)) == (Conflict, [1])


def paid_or_put_back(story: Story, at: Any, a: Any, _b: Any) -> None:
    """Whoever is led to Stripe keeps the copy and has more time; who is not has lost it."""
    ben = tries(story, at, BEN)
    if isinstance(a, Going):
        assert (type(ben), story.hold(at.hold).state, story.hold(at.hold).grace_given) == (SoldOut, HoldState.ACTIVE, True)
    else:
        assert (type(a), told(ben)) == (HoldLapsed, [1])


def pays_for_what_is_held(story: Story, at: Any, a: Any, b: Any) -> None:
    """What Stripe is asked for is what is held: the change is refused, or the payment is."""
    assert (type(a), type(b)) in {(Going, Paying), (PriceChanged, Taken)}
    with reading(story.db) as session:
        held = sum(len(each.numbers) for each in holds.contents(session, at.hold))
        asked = [sum(len(line["numbers"]) for line in each.quote["lines"]) for each in story.attempts(at.hold)]
    assert (held, asked) == ((1, [1]) if isinstance(a, Going) else (2, []))


def pays_or_puts_back(story: Story, at: Any, a: Any, b: Any) -> None:
    """Nobody pays for what they have put back."""
    assert (a, type(b)) == ([1], HoldLapsed) or (type(a), type(b)) == (Paying, Going)
    assert story.stock(at.run).held == (1 if isinstance(b, Going) else 0)


def sold_once(story: Story, at: Any, a: Any, _b: Any) -> None:
    """The copy is Ada's, whose money came, or the next fan's."""
    assert isinstance(a, Payment)
    assert ([1] if a.order_id else []) + told(tries(story, at, BEN)) == [1]


def replaced_once(story: Story, at: Any, a: Any, b: Any) -> None:
    """One copy of the reserve is issued, and whoever came second is told so; each order has exactly its own number."""
    assert sorted(type(said).__name__ for said in (a, b)) == ["Conflict", "Replaced"]
    with reading(story.db) as session:
        issued = session.scalars(select(Copy).where(Copy.issue > 0)).all()
        assert [(copy.issue, copy.order_line_id is not None) for copy in issued] == [(1, True)]
        owned = session.scalars(select(Copy.number).where(Copy.order_line_id.is_not(None)).order_by(Copy.order_line_id)).all()
        assert owned == list(range(1, len(at.copies) + 1))


def over_for(refusal: type[Refusal]) -> Any:
    """Who came before the doors shut has a hold from before; who comes afterwards is told that they are."""

    def after(story: Story, at: Any, a: Any, b: Any) -> None:
        assert a is None
        assert type(tries(story, at, EVE)) is refusal
        assert type(b) in {Taken, refusal}
        with reading(story.db) as session:
            drop = session.get_one(Drop, at.drop)
            shut = drop.closed_at or drop.paused_at
            assert [hold for hold in session.scalars(select(Hold)) if shut is None or hold.created_at > shut] == []

    return after


STOCK = (
    Pair(
        "replace ‖ replace one damaged copy",
        spares(1, 2),
        Part(replace(0), CLAIM),
        Part(replace(0), CLAIM),
        replaced_once,
        Control((guards.without_lock(placing, Order), guards.parcel_without_lock, guards.copies_without_lock), loose=("copies",)),
    ),
    Pair(
        "replace ‖ replace with the last of the reserve",
        spares(2, 1),
        Part(replace(0), CLAIM),
        Part(replace(1), CLAIM),
        replaced_once,
        Control((guards.copies_without_lock,), loose=("copies",)),
    ),
    Pair(
        "hold ‖ hold",
        copies(1),
        Part(take(ADA), CLAIM),
        Part(take(BEN), CLAIM),
        one_is_told,
        Control((guards.look_then_claim,)),
    ),
    Pair(
        "first click ‖ first click of one fan",
        copies(3),
        Part(take(ADA), r"INSERT INTO holds"),
        Part(take(ADA), r"INSERT INTO holds"),
        one_hold,
        Control((guards.look_then_open,), loose=("holds",)),
    ),
    Pair(
        "hold ‖ lapse",
        overdue,
        Part(take(BEN), CLAIM),
        Part(sweep, PUT_BACK),
        had_once,
        Control((guards.without_lock(holds, Hold),), first="b"),
    ),
    Pair(
        "sweeper ‖ sweeper",
        overdue,
        Part(sweep, PUT_BACK),
        Part(sweep, PUT_BACK),
        put_back_once,
        Control((guards.without_lock(holds, Hold), guards.copies_without_lock), moment=CLAIM),
    ),
    # Its guards are those of the pair above; here the row of the attempt, which both change, is one more.
    Pair(
        "sweeper ‖ sweeper, both ask Stripe",
        open_too_long,
        Part(sweep, Call("expire_session")),
        Part(sweep, Call("expire_session")),
        put_back_once,
        None,
    ),
    Pair(
        "pay ‖ lapse",
        at_the_deadline,
        Part(press_pay, ASK),
        Part(sweep, PUT_BACK),
        paid_or_put_back,
        Control((guards.without_lock(holds, Hold),), first="b"),
    ),
    Pair(
        "pay ‖ change of the hold",
        ready,
        Part(press_pay, ASK),
        Part(take(ADA, 2), MORE),
        pays_for_what_is_held,
        Control((guards.without_lock(holds, Hold),), first="b"),
    ),
    Pair(
        "put back ‖ pay",
        ready,
        Part(put_back, PUT_BACK),
        Part(press_pay, ASK),
        pays_or_puts_back,
        Control((guards.without_lock(holds, Hold),)),
    ),
    Pair(
        "settle ‖ lapse",
        believed_failed,
        Part(money_comes, r"INSERT INTO orders"),
        Part(sweep, PUT_BACK),
        sold_once,
        Control((guards.without_lock(holds, Hold),), first="b"),
    ),
    Pair(
        "withdraw ‖ hold",
        copies(1),
        Part(withdraw, CLAIM),
        Part(take(BEN), CLAIM),
        withdrawn_or_held,
        Control((guards.copies_without_lock,), loose=("copies",)),
    ),
    Pair(
        "give ‖ give",
        one_copy_and_sam,
        Part(give_away, CLAIM),
        Part(give_away, CLAIM),
        one_has_it,
        Control((guards.copies_without_lock,), loose=("copies",)),
    ),
    Pair(
        "set aside ‖ hold",
        one_copy_and_sam,
        Part(set_aside, CLAIM),
        Part(take(BEN), CLAIM),
        one_has_it,
        Control((guards.copies_without_lock,), loose=("copies",)),
    ),
    Pair(
        "drop closes ‖ hold",
        copies(3),
        Part(close, r"UPDATE drops SET"),
        Part(take(BEN), CLAIM),
        over_for(Closed),
        Control((guards.without_doors,), bare=False),
    ),
    Pair(
        "pause ‖ hold",
        copies(3),
        Part(pause, r"UPDATE drops SET"),
        Part(take(BEN), CLAIM),
        over_for(Paused),
        Control((guards.without_doors,), bare=False),
    ),
)
