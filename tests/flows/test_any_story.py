"""Any story at all: fans take, change, pay, turn back and come late in any sequence; a small model says what must be."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from app.checkout import lapse
from app.invariants import offenders
from app.inventory.counts import stock
from app.inventory.models import Copy
from app.kernel.db import reading, transaction
from app.kernel.errors import OverLimit, Paying, SoldOut
from app.payments.facts import SessionStatus
from app.payments.models import CheckoutAttempt
from tests.builders import end_payment, facts_of, open_attempt, open_drop, settle_as, take_some, take_with_details
from tests.cast import ADA, BEN, EVE, NOW, Person, StoppedClock
from tests.databases import SqliteTemplate

SIZE, LIMIT = 5, 2
PEOPLE = {person.name: person for person in (ADA, BEN, EVE)}
WHO = st.sampled_from(sorted(PEOPLE))


class Shop(RuleBasedStateMachine):
    """The model: what each fan holds, until when, which attempt is open, and what is sold."""

    template: SqliteTemplate

    def __init__(self) -> None:
        super().__init__()
        self.sent: set[str] = set()  # whose hold Stripe has ever been told about
        self.fresh = self.template.fresh()
        self.db = self.fresh.database

    def teardown(self) -> None:
        """Each story has a database of its own."""
        self.template.remove(self.fresh)

    @initialize()
    def opens(self) -> None:
        """A drop of five copies, two for each fan."""
        self.clock = StoppedClock(NOW)
        self.drop, self.run_id = open_drop(self.db, size=SIZE, limit=LIMIT)
        self.held: dict[str, int] = {}
        self.until: dict[str, Any] = {}
        self.paying: dict[str, CheckoutAttempt] = {}
        self.bought: dict[str, int] = dict.fromkeys(PEOPLE, 0)

    def _free(self) -> int:
        """Copies that a take can have: what is free, and what overdue holds that Stripe never knew can give."""
        overdue = sum(n for who, n in self.held.items() if self.until[who] <= self.clock.now() and who not in self.sent)
        return SIZE - sum(self.held.values()) - sum(self.bought.values()) + overdue

    def _ended(self, who: str) -> bool:
        return who in self.held and self.until[who] <= self.clock.now()

    @rule(who=WHO, quantity=st.integers(1, 3))
    def take(self, who: str, quantity: int) -> None:
        """Take sets the quantity, or says exactly why not."""
        person, now = PEOPLE[who], self.clock.now()
        if who in self.paying:
            with pytest.raises(Paying):
                self._take(person, quantity)
            return
        mine = 0 if self._ended(who) else self.held.get(who, 0)
        if quantity == mine:
            assert self._take(person, quantity).changed is False
            return
        if quantity + self.bought[who] > LIMIT:
            with pytest.raises(OverLimit):
                self._take(person, quantity)
            return
        own_back = self.held.get(who, 0) if self._ended(who) and who in self.sent else 0
        if quantity - mine > self._free() + own_back:
            with pytest.raises(SoldOut):
                self._take(person, quantity)
            return
        short = quantity - mine > SIZE - sum(self.held.values()) - sum(self.bought.values()) + (
            self.held.get(who, 0) if self._ended(who) else 0
        )
        taken = self._take(person, quantity)
        if short:  # holds that are over made way, as many as were needed
            over = [name for name in self.held if name != who and self._ended(name) and name not in self.sent]
            made_way = [name for name in over if not self._is_live(name)]
            assert made_way
            for other in made_way:
                del self.held[other]
        if who not in self.held or self._ended(who):
            self.until[who] = now + timedelta(minutes=10)
            self.sent.discard(who)
        self.held[who] = quantity
        assert (sum(len(each.numbers) for each in taken.contents), taken.hold.expires_at) == (quantity, self.until[who])

    def _is_live(self, who: str) -> bool:
        with reading(self.db) as session:
            mine = select(lapse.Hold.id).where(lapse.Hold.fan == PEOPLE[who].fan.id, lapse.holds.live())
            return session.scalars(mine).first() is not None

    def _take(self, person: Person, quantity: int) -> Any:
        return take_some(self.db, self.drop, {self.run_id: quantity}, person, self.clock.now())

    @precondition(lambda self: any(name not in self.paying and not self._ended(name) for name in self.held))
    @rule(data=st.data())
    def go_to_pay(self, data: st.DataObject) -> None:
        """A live hold can be paid; the first pay gives at least five minutes."""
        who = data.draw(st.sampled_from(sorted(n for n in self.held if n not in self.paying and not self._ended(n))))
        hold = take_with_details(self.db, self.drop, {self.run_id: self.held[who]}, PEOPLE[who], self.clock.now())
        self.paying[who] = open_attempt(self.db, hold.id, self.clock.now())
        if who not in self.sent:
            self.until[who] = max(self.until[who], self.clock.now() + timedelta(minutes=5))
        self.sent.add(who)

    @precondition(lambda self: self.paying)
    @rule(data=st.data(), captured=st.booleans())
    def pays(self, data: st.DataObject, captured: bool) -> None:
        """Whoever pays gets the copies, even a little late; the order is theirs once."""
        who = data.draw(st.sampled_from(sorted(self.paying)))
        payment = settle_as(self.db, self.paying.pop(who), now=self.clock.now())
        assert payment is not None
        end_payment(self.db, payment.id, "succeeded" if captured else "canceled", self.clock.now())
        count = self.held.pop(who)
        if captured:
            self.bought[who] += count

    @precondition(lambda self: self.paying)
    @rule(data=st.data())
    def turns_back(self, data: st.DataObject) -> None:
        """Stripe says expired: the hold lives on until its deadline."""
        who = data.draw(st.sampled_from(sorted(self.paying)))
        attempt = self.paying.pop(who)
        settle_as(self.db, attempt, facts_of(attempt, SessionStatus.EXPIRED), self.clock.now())

    @precondition(lambda self: any(name not in self.paying for name in self.held))
    @rule(data=st.data())
    def puts_back(self, data: st.DataObject) -> None:
        """Who does not pay may put back."""
        who = data.draw(st.sampled_from(sorted(name for name in self.held if name not in self.paying)))
        with reading(self.db) as session:
            hold_id = session.scalars(select(lapse.Hold.id).where(lapse.Hold.fan == PEOPLE[who].fan.id, lapse.holds.live())).one()
        with transaction(self.db) as session:
            assert len(lapse.put_back(session, hold_id, self.clock.now())) == self.held.pop(who)

    @rule(minutes=st.sampled_from([1, 4, 7]))
    def time_goes_by(self, minutes: int) -> None:
        """The clock moves on."""
        self.clock.forward(minutes=minutes)

    @rule()
    def sweeps(self) -> None:
        """The sweeper ends what is over; what may still be paid waits for Stripe's word."""
        with reading(self.db) as session:
            late = lapse.overdue(session, self.clock.now())
        for hold_id in late:
            pending = lapse.pending_attempt(self.db, hold_id)
            if pending is None:
                lapse.lapse(self.db, None, self.clock, hold_id)  # type: ignore[arg-type]  # Stripe is not asked here
        for who in [name for name in self.held if self._ended(name) and name not in self.paying]:
            del self.held[who]

    @invariant()
    def is_as_the_model_says(self) -> None:
        """Counts agree, and everything that must always be true is."""
        if not hasattr(self, "held"):
            return
        with reading(self.db) as session:
            found = stock(session, [self.run_id])[self.run_id]
            broken = [each.id for each, _ in offenders(session, NOW)]
            assert len(session.scalars(select(Copy.id)).all()) >= SIZE
        assert (found.held, found.sold) == (sum(self.held.values()), sum(self.bought.values()))
        assert broken == []


def test_any_story(sqlite_template: SqliteTemplate) -> None:
    class Here(Shop):
        template = sqlite_template

    run_state_machine_as_test(Here, settings=settings(max_examples=10, stateful_step_count=20, deadline=None))
