"""The figures of a drop's day."""

from app.checkout.parts import Choice, Plan
from app.drops.models import Drop
from app.kernel.db import reading
from app.payments.models import Fate
from app.reports.desk_day import desk_day
from tests.builders import open_drop
from tests.giving import asked_and_done, copies_of
from tests.story import Story


def test_a_copy_that_was_given_back_is_not_paid_for(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    order = story.buy(drop, {run: 2})
    first, _second = copies_of(story.db, order.id)
    asked_and_done(story, order.id, Plan({first: Choice(Fate.PUT_BACK)}), 2400)
    with reading(story.db) as session:
        day = desk_day(session, session.get_one(Drop, drop), story.clock.now())
        assert (day.paid, day.waiting) == (1, 0)
