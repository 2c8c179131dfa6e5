"""What a flow needs at hand: database, Stripe, clock, and a worker's hands that do every due job in this thread."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.checkout import capture, lapse, send, settle, sync
from app.checkout.pay import Going, pay
from app.inventory import freezing
from app.inventory.counts import Stock, stock
from app.inventory.models import Hold, HoldFreeze
from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job, JobState, Leased
from app.orders.models import Order
from app.payments.facts import Address, EventFacts
from app.payments.gateway import Gateway, StripeBusy, StripeTrouble
from app.payments.models import CheckoutAttempt, Payment
from sandbox import Control
from tests.builders import RETURNS, total_of
from tests.cast import SHOP, StoppedClock


@dataclass(frozen=True)
class Story:
    """One shop in one database, with its Stripe and its clock."""

    db: Database
    gateway: Gateway
    clock: StoppedClock
    stripe: Control

    def pay(self, hold_id: int, shown: int | None = None) -> Going:
        """Press the pay button."""
        total = total_of(self.db, hold_id) if shown is None else shown
        return pay(self.db, self.gateway, self.clock, hold_id, total, RETURNS, Address())

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
        """How many mails of a kind are to be sent."""
        with reading(self.db) as session:
            return len(session.scalars(select(Job.id).where(Job.kind == kind, Job.state == JobState.WAITING)).all())

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
