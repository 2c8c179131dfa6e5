"""What a flow needs at hand: database, Stripe, clock, and a worker's hands that do every due job in this thread."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.checkout import aftermath, capture, fees, give_back, lapse, lookout, money_back, send, settle, sync
from app.checkout.pay import Going, pay
from app.checkout.quote import quote
from app.inventory import freezing
from app.inventory.counts import Stock, stock
from app.inventory.models import Hold, HoldFreeze
from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.mail import Letter
from app.kernel.money import Money
from app.kernel.outbox import Job, Leased
from app.orders.models import Order
from app.payments.facts import Address, EventFacts
from app.payments.gateway import Gateway, StripeBusy, StripeTrouble
from app.payments.models import CheckoutAttempt, Dispute, Payment, Refund
from app.reports import letters
from sandbox import Control
from tests.builders import BERLIN, RETURNS, take_with_details, total_of
from tests.cast import ADA, SHOP, TOKENS, Person, StoppedClock

CARD = "4242424242424242"


@dataclass(frozen=True)
class Story:
    """One shop in one database, with its Stripe and its clock."""

    db: Database
    gateway: Gateway
    clock: StoppedClock
    stripe: Control

    def pay(self, hold_id: int, shown: int | None = None) -> Going:
        """Press the pay button."""
        total = total_of(self.db, hold_id, self.clock.now()) if shown is None else shown
        return pay(self.db, self.gateway, self.clock, hold_id, total, RETURNS, lambda _: Address())

    def work(self) -> int:
        """Do every due job but mail, until none is left; how many. A trouble with Stripe puts a job off as the worker does."""
        count = 0
        while True:
            with transaction(self.db) as session:
                jobs = outbox.lease(session, "tests", self.clock.now(), kinds=list(self._deeds()))
            if not jobs:
                return count
            for job in jobs:
                self._do(job)
                count += 1

    def work_on(self, kind: str) -> None:
        """Do the due jobs of one kind, and leave what comes of them."""
        with transaction(self.db) as session:
            jobs = outbox.lease(session, "tests", self.clock.now(), kinds=[kind])
        for job in jobs:
            self._do(job)

    def _do(self, job: Leased) -> None:
        try:
            self._deeds()[job.kind](job)
        except StripeTrouble as trouble:
            again = (trouble.seconds or 2.5) if isinstance(trouble, StripeBusy) else None
            with transaction(self.db) as session:
                outbox.failed(session, job, str(trouble), self.clock.now(), retry_in=again)
            return
        with transaction(self.db) as session:
            outbox.done(session, job, self.clock.now())

    def _deeds(self):  # type: ignore[no-untyped-def]  # a table of lambdas
        db, gateway, clock = self.db, self.gateway, self.clock
        return {
            send.SEND: lambda job: send.send(db, gateway, clock, job.payload["attempt"]),
            sync.SYNC: lambda job: sync.sync(db, gateway, clock, job.payload["attempt"], job.payload["session"]),
            settle.CAPTURE: lambda job: capture.capture(db, gateway, clock, job.payload["payment"]),
            settle.VOID: lambda job: capture.void(db, gateway, clock, job.payload["payment"]),
            lapse.LAPSE: lambda job: lapse.lapse(db, gateway, clock, job.payload["hold"]),
            money_back.REFUND: lambda job: give_back.give_back(db, gateway, clock, job.payload["refund"]),
            sync.FOLLOW_UP: lambda job: aftermath.follow_up(db, gateway, clock, job.payload["attempt"], job.payload["cause"]),
            fees.FEES: lambda _: fees.ask(db, gateway, clock),
            lookout.LOOK: lambda _: lookout.look(db, gateway, clock),
        }

    def lapse(self, hold_id: int) -> None:
        """What the sweeper does to a hold whose time is over."""
        lapse.lapse(self.db, self.gateway, self.clock, hold_id)

    def webhook(self, attempt_id: int, event_id: str = "evt_1", kind: str = "checkout.session.completed") -> bool:
        """An event about an attempt comes in; is it news?"""
        session_id = self.attempt(attempt_id).session_id
        event = EventFacts(event_id, kind, self.clock.now(), False, None, session_id or "", SHOP, attempt_id, session_id, None)
        with transaction(self.db) as session:
            return sync.hear(session, event, SHOP, self.clock.now(), live=False)

    def poll(self) -> int:
        """The poller comes by half a minute later."""
        self.clock.forward(seconds=31)
        with transaction(self.db) as session:
            return sync.poll(session, self.clock.now())

    def buy(self, drop_id: int, wants: dict[int, int], person: Person = ADA, card: str = CARD) -> Order:
        """Take, pay, and have the money captured: the whole way to a paid order."""
        return self.paid(self.about_to_pay(drop_id, wants, person), card)

    def about_to_pay(self, drop_id: int, wants: dict[int, int], person: Person = ADA) -> CheckoutAttempt:
        """Take, and go to Stripe's page."""
        hold = take_with_details(self.db, drop_id, wants, person, self.clock.now())
        self.pay(hold.id)
        [attempt] = self.attempts(hold.id)
        return attempt

    def paid(self, attempt: CheckoutAttempt, card: str = CARD) -> Order:
        """Pay there, and have the money captured."""
        assert self.stripe.pay(attempt.session_id or "", card)["outcome"] == "complete"
        self.webhook(attempt.id, f"evt_buy_{attempt.id}")
        self.work()
        return next(order for order in self.orders() if order.hold_id == attempt.hold_id)

    def give_away(self, drop_id: int, run_id: int, person: Person = ADA) -> Order:
        """An order for which nothing is due."""
        hold = take_with_details(self.db, drop_id, {run_id: 1}, person, self.clock.now())
        with transaction(self.db) as session:
            mine = session.get_one(Hold, hold.id)
            due = quote(session, mine).quote
            free = replace(due, postage=replace(due.postage, amount=Money(0, due.total.currency)))
            order_id = settle.settle_free(session, mine, free, BERLIN, self.clock.now())
        return self.order(order_id)

    def sync(self, attempt_id: int) -> None:
        """Ask Stripe about an attempt, and do nothing that follows from it yet."""
        sync.sync(self.db, self.gateway, self.clock, attempt_id)

    def hears(self, order_id: int, kind: str = "charge.refunded", event_id: str = "evt_money") -> bool:
        """An event about an order's money comes in, naming the intent only, as those of the dashboard do; is it news?"""
        event = EventFacts(event_id, kind, self.clock.now(), False, None, "ch_1", None, None, None, self.intent_id(order_id))
        with transaction(self.db) as session:
            return sync.hear(session, event, SHOP, self.clock.now(), live=False)

    def give_back(self, refund_id: int) -> None:
        """What a worker does with a refund, whoever else has it in hand."""
        give_back.give_back(self.db, self.gateway, self.clock, refund_id)

    def look_around(self) -> None:
        """The worker's minute: what may have been missed is looked for."""
        with transaction(self.db) as session:
            lookout.due(session, self.clock.now())

    def refunds(self) -> list[Refund]:
        """All refunds with their parts, oldest first."""
        with reading(self.db) as session:
            return list(session.scalars(select(Refund).options(selectinload(Refund.parts)).order_by(Refund.id)))

    def refund(self, refund_id: int) -> Refund:
        """A refund as it stands."""
        return next(each for each in self.refunds() if each.id == refund_id)

    def disputes(self) -> list[Dispute]:
        """All disputes, oldest first."""
        with reading(self.db) as session:
            return list(session.scalars(select(Dispute).order_by(Dispute.id)))

    def intent_id(self, order_id: int) -> str:
        """Stripe's id of the money of an order."""
        return next(each.intent_id for each in self.payments() if each.order_id == order_id)

    def order(self, order_id: int) -> Order:
        """An order as it stands."""
        with reading(self.db) as session:
            return session.get_one(Order, order_id)

    def attempt(self, attempt_id: int) -> CheckoutAttempt:
        """An attempt as it stands."""
        with reading(self.db) as session:
            return session.get_one(CheckoutAttempt, attempt_id)

    def attempts(self, hold_id: int) -> list[CheckoutAttempt]:
        """All attempts of a hold, first to last."""
        with reading(self.db) as session:
            mine = select(CheckoutAttempt).where(CheckoutAttempt.hold_id == hold_id).order_by(CheckoutAttempt.number)
            return list(session.scalars(mine))

    def hold(self, hold_id: int) -> Hold:
        """A hold as it stands."""
        with reading(self.db) as session:
            return session.get_one(Hold, hold_id)

    def orders(self) -> list[Order]:
        """All orders by number."""
        with reading(self.db) as session:
            return list(session.scalars(select(Order).order_by(Order.number)))

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""
        with reading(self.db) as session:
            return list(session.scalars(select(Payment).order_by(Payment.id)))

    def letters(self, kind: str) -> int:
        """How many mails of a kind were sent or are to be."""
        with reading(self.db) as session:
            return len(session.scalars(select(Job.id).where(Job.kind == kind)).all())

    def post(self) -> list[Letter]:
        """Do every due job, and write every letter that is to be sent; the letters, without those that are not true any more."""
        self.work()
        written = []
        with transaction(self.db) as session:
            while mails := outbox.lease(session, "post", self.clock.now()):
                for mail in mails:
                    written.append(letters.write(session, mail.kind, mail.payload, "https://shop.example", TOKENS))
                    outbox.done(session, mail, self.clock.now())
        return [letter for letter in written if letter is not None]

    def stock(self, run_id: int) -> Stock:
        """Where the copies of a run are."""
        with reading(self.db) as session:
            return stock(session, [run_id])[run_id]

    def intent(self, session_id: str | None) -> str:
        """Stripe's word on the money of a session; empty when there is none yet."""
        assert session_id is not None
        return self.gateway.fetch_session(session_id).intent_status

    def waited_enough(self, hold_id: int) -> None:
        """All the minutes that waiting can give a hold have been given: the next deadline is the last."""
        with transaction(self.db) as session:
            session.merge(HoldFreeze(hold_id=hold_id, minutes=freezing.MOST, until=self.clock.now()))

    def after_deadline(self, hold_id: int) -> None:
        """Move to just after a hold's deadline."""
        self.clock.set(self.hold(hold_id).expires_at + timedelta(milliseconds=1))
