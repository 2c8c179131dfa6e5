"""What a delivery comes to, before anything moves: which numbers are missing, and on whom that falls."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from app.fulfilment.models import PackedCopy, Parcel, ParcelState
from app.inventory import differences, numbers_typed
from app.inventory.delivery_models import Unanswered
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.errors import BadInput
from app.orders.models import Order, OrderLine, OrderState

_CLOSED = (ParcelState.PACKED, ParcelState.SENT)
_ORDER = "№ {number} is not missing: it was packed, has left, or waits for a decision (order № {reference})."


_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """What staff say: how many came in all, or (with `came` None) which numbers are missing.

    With `use_reserve` the reserve makes good what it can. What a fan is offered ends after `days`; then `unanswered` happens.
    """

    came: int | None
    missing: tuple[int, ...]
    use_reserve: bool
    unanswered: Unanswered
    days: int
    promise: str = ""
    words: str = ""

    def answer_by(self, now: datetime) -> datetime:
        """The last moment for an answer."""
        return now + timedelta(days=self.days)


@dataclass(frozen=True)
class OnShelf:
    """A copy that should have come; `order_id` and what follows only for a sold one."""

    copy_id: int
    number: int | None
    state: CopyState
    line_id: int | None = None
    order_id: int | None = None
    reference: str = ""
    name: str = ""
    placed_at: datetime | None = None
    closed: bool = False  # it was scanned into its parcel, or that is packed or has left

    @property
    def bought(self) -> tuple[datetime, int, int]:
        """Earliest purchase first."""
        return self.placed_at or _NEVER, self.order_id or 0, self.number or 0


@dataclass(frozen=True)
class Outlook:
    """What is missing: of the reserve, of what is free, and of what is sold, there in order of purchase.

    `made_good` get one of the reserve under their number, `offered` are asked. `why_not` says what stands against it.
    """

    expected: int
    reserve: tuple[OnShelf, ...]
    free: tuple[OnShelf, ...]
    made_good: tuple[OnShelf, ...]
    offered: tuple[OnShelf, ...]
    why_not: tuple[str, ...]

    @property
    def missing(self) -> int:
        """How many copies did not come."""
        return sum(map(len, (self.reserve, self.free, self.made_good, self.offered)))

    @property
    def sign(self) -> str:
        """The same for the same outcome: what somebody agreed to is what they were shown."""
        groups = (self.reserve, self.free, self.made_good, self.offered)
        said = "|".join(",".join(str(each.copy_id) for each in group) for group in groups)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


def outlook(session: Session, run_id: int, said: Said) -> Outlook:
    """What it comes to now, changing nothing. BadInput when nothing is said to be missing."""
    shelf = [_on_shelf(*row) for row in session.execute(_shelf(run_id))]
    return _by_number(shelf, said) if said.came is None else _by_count(shelf, said, said.came)


def expected(session: Session, run_id: int) -> int:
    """How many copies of a run should be here, the reserve among them."""
    return sum(not each.closed for each in (_on_shelf(*row) for row in session.execute(_shelf(run_id))))


def _by_number(shelf: Sequence[OnShelf], said: Said) -> Outlook:
    known = {each.number: each for each in shelf if each.number is not None}
    gone = [number for number in said.missing if number not in known]
    wanted = [known[number] for number in said.missing if number in known]
    if not said.missing:
        raise BadInput("", {"missing": "Say which numbers are missing, or how many came."})
    why_not = (
        [f"№ {numbers_typed.write(gone)} should not be here: withdrawn, owed already, or no number of this run."] if gone else []
    )
    free = [each for each in wanted if each.state is CopyState.AVAILABLE]
    sold = sorted((each for each in wanted if each.state is CopyState.ALLOCATED and not each.closed), key=lambda each: each.bought)
    spare = [each for each in shelf if each.number is None] if said.use_reserve else []
    return Outlook(
        expected=sum(not each.closed for each in shelf),
        reserve=(),
        free=tuple(free),
        made_good=tuple(sold[: len(spare)]),
        offered=tuple(sold[len(spare) :]),
        why_not=(*why_not, *_in_the_way(wanted)),
    )


def _by_count(shelf: Sequence[OnShelf], said: Said, came: int) -> Outlook:
    """Nobody has written the numbers yet: what is missing is the reserve, then what is free, then what was bought last."""
    here = [each for each in shelf if not each.closed]
    left = len(here) - came
    if left <= 0:
        sentence = f"{len(here)} copies should have come. If as many did, there is nothing to do; if more did, see “More came”."
        raise BadInput("", {"came": sentence})
    spare = [each for each in here if each.number is None] if said.use_reserve else []
    free = sorted((e for e in here if e.number is not None and e.state is CopyState.AVAILABLE), key=lambda e: -(e.number or 0))
    sold = sorted((e for e in here if e.state is CopyState.ALLOCATED), key=lambda e: e.bought, reverse=True)
    taken = [*spare, *free, *sold][:left]
    held = sum(each.state is CopyState.HELD for each in here)
    falls_on_fans = left > len(spare) + len(free)  # and who holds one came after who bought one
    why_not = (f"Of the missing copies {left - len(spare) - len(free)} fall on what was bought, or is held. {_WAIT}",)
    return Outlook(
        expected=len(here),
        reserve=tuple(each for each in taken if each.number is None),
        free=tuple(each for each in taken if each in free),
        made_good=(),
        offered=tuple(sorted((each for each in taken if each.state is CopyState.ALLOCATED), key=lambda each: each.bought)),
        why_not=why_not if held and falls_on_fans else _too_few(left, len(taken)),
    )


def _too_few(left: int, found: int) -> tuple[str, ...]:
    return () if left == found else (f"{left - found} of the missing copies can only be of the reserve, which is not to be used.",)


_WAIT = "Pause the drop, wait until its holds have ended, then say it again: what is being paid for is not taken away."


def _in_the_way(wanted: Iterable[OnShelf]) -> list[str]:
    held = [each.number for each in wanted if each.state is CopyState.HELD and each.number is not None]
    said = [f"№ {numbers_typed.write(held)}: in somebody’s hold at this moment. {_WAIT}"] if held else []
    return said + [_ORDER.format(number=each.number, reference=each.reference) for each in wanted if each.closed]


def _shelf(run_id: int) -> Select[*tuple[Any, ...]]:
    """What should be on the shelf, or lies in a parcel: all that was made, was not withdrawn and is not owed already."""
    scanned = exists().where(PackedCopy.copy_id == Copy.id, PackedCopy.parcel_id == Parcel.id).correlate(Copy, Parcel)
    here = select(Copy.id, Copy.number, Copy.state, OrderLine.id, Order, or_(Parcel.state.in_(_CLOSED), scanned))
    owned = here.outerjoin(OrderLine, OrderLine.id == Copy.order_line_id).outerjoin(Order, Order.id == OrderLine.order_id)
    mine = owned.outerjoin(Parcel, Parcel.order_id == Order.id).where(Copy.run_id == run_id, ~differences.owed())
    return mine.where(Copy.state != CopyState.WITHDRAWN).order_by(Copy.number, Copy.id)


def _on_shelf(copy_id: int, number: int | None, state: CopyState, line_id: int | None, order: Order | None, closed: Any) -> OnShelf:
    if order is None:
        return OnShelf(copy_id, number, state)
    over = order.state is OrderState.CANCELLED  # staff have yet to decide about its copies
    return OnShelf(copy_id, number, state, line_id, order.id, order.reference, order.name, order.placed_at, bool(closed) or over)
