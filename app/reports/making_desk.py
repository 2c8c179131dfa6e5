"""A pre-order for the desk: where it stands, who waits for it and was told, who may cancel, and whose address is still right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.making import WEEKS, Making, MakingChange, Step
from app.catalogue.making_changes import TELL, TOLD, changes
from app.catalogue.promises import Promise
from app.checkout import asking
from app.checkout.followers import Follower, followers
from app.checkout.telling import slipped
from app.kernel.outbox import Job, JobState
from app.reports import making_view
from app.reports.deeds import actors
from app.reports.making_posted import Checks, Posted, checks, posted
from app.reports.making_view import MakingView, Said
from app.reports.making_ways import WayRow, ways


@dataclass(frozen=True)
class MakingDesk:
    """`view` is None for a run that is no pre-order yet. `who` said each of its changes, the newest first.

    `leaves_at`: when the mail about the last changes goes out; `told`: how the last one went. `lockable`: parcels that may be
    locked now.
    """

    view: MakingView | None
    who: tuple[tuple[Said, str], ...]
    weeks: int
    fans: int
    orders: int
    leaves_at: datetime | None
    may_take_back: bool
    told: Posted
    ways: tuple[WayRow, ...]
    checks: Checks
    asked_at: datetime | None
    lock_on: date | None
    locked_at: datetime | None
    lockable: int


def making_desk(session: Session, run_id: int) -> MakingDesk:
    """The page of a run's making."""
    making, said = session.get(Making, run_id), changes(session, run_id)
    fans = followers(session, run_id)
    view = making_view.view(said) if said else None
    names = actors(session, [each.actor for each in said])
    told_id = making.told_id if making is not None else None
    leaves_at = session.scalar(select(Job.run_at).where(Job.key == f"{TELL}:{run_id}", Job.state == JobState.WAITING))
    return MakingDesk(
        view=view,
        who=tuple(zip(view.said, (names.get(each.actor, each.actor) for each in said[::-1]), strict=True)) if view else (),
        weeks=making.weeks if making is not None else WEEKS,
        fans=len(fans),
        orders=sum(len(fan.orders) for fan in fans),
        leaves_at=leaves_at,
        may_take_back=leaves_at is not None and told_id is not None,
        told=posted(session, f"{TOLD}:{_last_told(said, told_id)}"),
        ways=ways(session, run_id),
        checks=checks(session, run_id),
        asked_at=making.asked_at if making is not None else None,
        lock_on=making.lock_on if making is not None else None,
        locked_at=making.locked_at if making is not None else None,
        lockable=len(asking.lockable(session, run_id)) if making is not None else 0,
    )


def would_slip(session: Session, run_id: int, promise: Promise, weeks: int, fans: Sequence[Follower]) -> set[int]:
    """The orders for which a promise would be too late; those that may cancel already are among them only if it is."""
    said = changes(session, run_id)
    return {order.order_id for fan in fans for order in fan.orders if slipped(said, order, promise, weeks)} if said else set()


def step_before(session: Session, run_id: int) -> tuple[Step | None, Promise | None]:
    """What fans were last told, if anything."""
    making = session.get(Making, run_id)
    told = session.get(MakingChange, making.told_id) if making is not None and making.told_id is not None else None
    return (told.step, told.promise) if told is not None else (None, None)


def _last_told(said: Sequence[MakingChange], told_id: int | None) -> int:
    """The last change of which there was a mail: what was taken back before it left has none."""
    mailed = [each.id for each in said if told_id is not None and each.id <= told_id and not each.takes_back]
    return mailed[-1] if mailed else 0
