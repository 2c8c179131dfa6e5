"""Words for tests about pre-orders: what staff say of a run, and the worker that tells the fans."""

from datetime import date

from app.catalogue import making_changes
from app.catalogue.making import Making, MakingChange, Step
from app.catalogue.making_changes import TELL, Words
from app.catalogue.promises import Promise, of_month
from app.checkout import asking, telling, ways_out
from app.checkout.asking import ASK
from app.checkout.latecomers import TELL_LATE
from app.kernel import outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.kernel.mail import Letter
from app.kernel.outbox import Leased
from app.orders.models import Order
from app.worker import preorders
from tests.cast import SAM
from tests.story import Story

MARCH, JUNE = of_month(date(2027, 3, 5)), of_month(date(2027, 6, 30))


def say(
    db: Database, clock: Clock, run_id: int, step: Step = Step.FILES_IN, promise: Promise = MARCH, note: str = "", weeks: int = 8
) -> MakingChange | None:
    """Staff say how far a run is."""
    with transaction(db) as session:
        return making_changes.say(session, run_id, Words(step, promise, note, weeks), clock.now(), SAM)


def making(db: Database, run_id: int) -> Making:
    """A pre-order as it stands."""
    with reading(db) as session:
        return session.get_one(Making, run_id)


def told(story: Story) -> list[Letter]:
    """Ten minutes go by, and the worker does what is due; the letters."""
    story.clock.forward(minutes=10)
    work(story)
    return story.post()


def work(story: Story) -> int:
    """Do the due jobs that write to many; how many."""
    with transaction(story.db) as session:
        jobs = outbox.lease(session, "tests", story.clock.now(), kinds=[TELL, TELL_LATE, ASK])
    for job in jobs:
        do(story, job)
        with transaction(story.db) as session:
            outbox.done(session, job, story.clock.now())
    return len(jobs)


def do(story: Story, job: Leased) -> None:
    """One such job."""
    deeds = {TELL: preorders.tell, TELL_LATE: preorders.tell_late, ASK: preorders.ask}
    deeds[job.kind](_Bench(story), job)  # type: ignore[arg-type]  # all that these deeds use of a bench


def slip_and_take(db: Database, clock: Clock, run_id: int, taken: int) -> None:
    """It slips by three months, its fans are told, and one of them cancels the order `taken`."""
    say(db, clock, run_id, promise=JUNE)
    with transaction(db) as session:
        wave = telling.begin(session, run_id)
        assert wave is not None
        telling.tell(session, wave, wave.fans, clock.now())
        telling.end(session, wave)
    with transaction(db) as session:
        order = session.get_one(Order, taken)
        ways_out.take(session, taken, run_id, order.total_amount, clock.now())


def ask_addresses(story: Story, run_id: int, lock_on: date | None = None) -> list[Letter]:
    """Staff press the button, and the worker asks; the letters."""
    with transaction(story.db) as session:
        asking.wish(session, run_id, lock_on, story.clock.now())
    work(story)
    return story.post()


class _House:
    def __init__(self, story: Story) -> None:
        self.db, self.clock = story.db, story.clock


class _Bench:
    def __init__(self, story: Story) -> None:
        self.house = _House(story)
