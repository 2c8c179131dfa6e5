"""Tell fans what changed with their pre-order: one mail for each, and a way out for those whose promise slipped too far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogue.making import Making, MakingChange
from app.catalogue.making_changes import TOLD, changes, promised_at
from app.catalogue.promises import Promise
from app.checkout.followers import Follower, Waiting, followers
from app.fulfilment.preorder_rows import WayOut
from app.kernel import outbox
from app.kernel.upsert import insert


@dataclass(frozen=True)
class Wave:
    """One mail to many: `change` is what they hear of, `before` what they were last told, if anything."""

    run_id: int
    change_id: int
    before_id: int | None
    weeks: int
    said: Sequence[MakingChange]
    fans: Sequence[Follower]

    @property
    def promise(self) -> Promise:
        """What is promised now."""
        return next(each.promise for each in self.said if each.id == self.change_id)


def begin(session: Session, run_id: int) -> Wave | None:
    """What is to be told of a run, and whom; None when it is what they were told already."""
    making = session.get(Making, run_id, with_for_update=True, populate_existing=True)
    said = changes(session, run_id)
    if making is None or not said or making.told_id == said[-1].id:
        return None
    if not news(said, making.told_id):
        making.told_id = said[-1].id
        return None
    return Wave(run_id, said[-1].id, making.told_id, making.weeks, said, followers(session, run_id))


def news(said: Sequence[MakingChange], told_id: int | None) -> bool:
    """Is there anything new in what was said since? What was corrected before anybody heard of it is none."""
    since = [each for each in said if told_id is None or each.id > told_id]
    told = next((each for each in said if each.id == told_id), None)
    same = told is not None and (told.step, told.promise) == (said[-1].step, said[-1].promise)
    return bool(since) and (not same or any(each.note for each in since))


def tell(session: Session, wave: Wave, fans: Sequence[Follower], now: datetime) -> None:
    """Write to some of them; the same again writes to nobody twice."""
    for fan in fans:
        for order in fan.orders:
            if slipped(wave.said, order, wave.promise, wave.weeks):
                _open(session, wave, order, now)
        payload = {"order": fan.first_id, "change": wave.change_id, "before": wave.before_id}
        outbox.enqueue(session, TOLD, f"{wave.change_id}:{fan.first_id}", payload, now=now, once=True, priority=6)


def end(session: Session, wave: Wave) -> None:
    """Everybody was written to; from now on this is what they were told."""
    making = session.get_one(Making, wave.run_id, with_for_update=True, populate_existing=True)
    making.told_id = max(making.told_id or 0, wave.change_id)


def slipped(said: Sequence[MakingChange], order: Waiting, promise: Promise, weeks: int) -> bool:
    """Is a promise later by more than so many weeks than the one under which the copies were taken?"""
    return promise.days_after(promised_at(said, order.taken_at)) > 7 * weeks


def _open(session: Session, wave: Wave, order: Waiting, now: datetime) -> None:
    """One that is open stays as it is: it says when it was opened, and by what."""
    then = promised_at(wave.said, order.taken_at)
    row = {"order_id": order.order_id, "run_id": wave.run_id, "change_id": wave.change_id, "opened_at": now}
    opened = insert(session, WayOut).values(**row, promised_on=then.on, by_month=then.by_month)
    session.execute(opened.on_conflict_do_nothing())
