"""A pre-order for the desk: where it stands, who waits for it and was told, who may cancel, and whose address is still right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.making import WEEKS, Making, MakingChange, Step
from app.catalogue.making_changes import TELL, changes
from app.catalogue.promises import Promise
from app.checkout import asking
from app.checkout.asking import STILL_THERE
from app.checkout.followers import Follower, followers
from app.checkout.telling import TOLD, slipped
from app.fulfilment.models import Parcel, ParcelState
from app.fulfilment.preorder_rows import AddressCheck, Answer, WayOut
from app.kernel.outbox import Job, JobState
from app.orders.models import Order, OrderState
from app.reports import making_view
from app.reports.deeds import actors
from app.reports.making_view import MakingView, Said


@dataclass(frozen=True)
class WayRow:
    """An order of which the run may be cancelled free; `state` is open, taken, cancelled, packed or sent."""

    order_id: int
    reference: str
    name: str
    then: Promise
    opened_at: datetime
    taken_at: datetime | None
    state: str


@dataclass(frozen=True)
class Posted:
    """How many mails have left, wait, or came to nothing."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Checks:
    """How many orders that stand were asked about, and what their fans said; `mails` is how the asking went."""

    asked: int
    right: int
    changed: int
    mails: Posted

    @property
    def silent(self) -> int:
        """Who has not answered."""
        return self.asked - self.right - self.changed


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
        told=_posted(session, f"{TOLD}:{_last_told(said, told_id)}"),
        ways=_ways(session, run_id),
        checks=_checks(session, run_id),
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


def _posted(session: Session, key: str) -> Posted:
    """The mails whose keys begin so."""
    mine = select(Job.state, func.count()).where(Job.once, Job.key > f"{key}:", Job.key < f"{key};").group_by(Job.state)
    found: dict[JobState, int] = dict(session.execute(mine).all())
    waiting = found.get(JobState.WAITING, 0) + found.get(JobState.LEASED, 0)
    return Posted(found.get(JobState.DONE, 0), waiting, found.get(JobState.DEAD, 0))


def _ways(session: Session, run_id: int) -> tuple[WayRow, ...]:
    wanted = select(WayOut, Order, Parcel.state).join(Order, Order.id == WayOut.order_id)
    found = session.execute(wanted.join(Parcel, Parcel.order_id == Order.id).where(WayOut.run_id == run_id).order_by(Order.id))
    return tuple(
        WayRow(order.id, order.reference, order.name, way.promise, way.opened_at, way.taken_at, _state(way, order, parcel))
        for way, order, parcel in found
    )


def _state(way: WayOut, order: Order, parcel: ParcelState) -> str:
    if way.taken_at is not None:
        return "taken"
    if order.state is OrderState.CANCELLED:
        return "cancelled"
    return parcel.value if parcel in {ParcelState.PACKED, ParcelState.SENT} else "open"


def _checks(session: Session, run_id: int) -> Checks:
    mine = select(AddressCheck.answer, func.count()).join(Order, Order.id == AddressCheck.order_id).group_by(AddressCheck.answer)
    mine = mine.where(AddressCheck.run_id == run_id, Order.state == OrderState.PLACED)
    found: dict[Answer | None, int] = dict(session.execute(mine).all())
    mails = _posted(session, f"{STILL_THERE}:{run_id}")
    return Checks(sum(found.values()), found.get(Answer.RIGHT, 0), found.get(Answer.CHANGED, 0), mails)
