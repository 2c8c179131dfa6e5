"""Opening, finding and ending holds; what a hold contains is read from the copies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.inventory import claims
from app.inventory.models import Copy, Hold
from app.inventory.states import LIVE, CopyState, HoldState, check_hold
from app.kernel.errors import Unavailable
from app.kernel.ready import Ready
from app.kernel.schema import is_one_of, table
from app.kernel.upsert import insert_for

KIND = "hold"
AT_THE_DESK = "desk:"  # how `fan` begins where staff made the hold
SENT_AGAIN = "again:"  # and where copies are sent in place of others
_COPIES, _HOLDS = table(Copy).c, table(Hold).c
FRESH = {
    "state": HoldState.ACTIVE,
    "generation": 1,
    "grace_given": False,
    "sent": False,
    **dict.fromkeys(("email", "email_key", "country", "note"), ""),
}
_OPEN = {  # by dialect
    dialect: Ready(
        insert_for(dialect, Hold)
        .values(
            state=HoldState.ACTIVE,
            generation=1,
            grace_given=False,
            sent=False,
            **dict.fromkeys(("email", "email_key", "country", "note"), ""),
            **{name: bindparam(name) for name in ("drop_id", "fan", "network", "created_at", "expires_at")},
        )
        .on_conflict_do_nothing()
        .returning(_HOLDS.id)
    )
    for dialect in ("sqlite", "postgresql")
}
_MINE = Ready(
    select(_HOLDS.id, _HOLDS.state, _HOLDS.generation, _HOLDS.expires_at)
    .where(_HOLDS.drop_id == bindparam("drop"), _HOLDS.fan == bindparam("fan"), is_one_of(_HOLDS.state, *LIVE))
    .with_for_update()
)
_LOOK = Ready(
    select(_HOLDS.id).where(_HOLDS.drop_id == bindparam("drop"), _HOLDS.fan == bindparam("fan"), is_one_of(_HOLDS.state, *LIVE))
)
_CONTENTS = Ready(
    select(_COPIES.run_id, _COPIES.number)
    .where(_COPIES.hold_id == bindparam("hold"), _COPIES.number.is_not(None))
    .order_by(_COPIES.run_id, _COPIES.number)
)
_OF_NETWORK = Ready(
    select(func.count().filter(_HOLDS.drop_id == bindparam("drop")))  # not in WHERE: there is an index for the network alone
    .join_from(table(Copy), table(Hold), _HOLDS.id == _COPIES.hold_id)
    .where(_HOLDS.network == bindparam("network"), is_one_of(_HOLDS.state, *LIVE), _COPIES.state == CopyState.HELD)
)


@dataclass(frozen=True)
class Held:
    """The copies of one run in a hold, by their numbers."""

    run_id: int
    numbers: tuple[int, ...]


def live() -> ColumnElement[bool]:
    """The condition that a hold still owns its copies."""
    return is_one_of(Hold.state, *LIVE)


@dataclass(frozen=True)
class Opened:
    """A fan's live hold of a drop, as it was read after locking; `fresh` when it was opened just now."""

    id: int
    state: HoldState
    generation: int
    expires_at: datetime
    fresh: bool = False


def open_hold(session: Session, drop_id: int, fan: str, network: str, now: datetime, expires_at: datetime) -> Opened:
    """The fan's one live hold of a drop, locked. Unavailable when it comes and goes under our hands.

    Two first clicks of one fan meet in the unique index: the second waits and then finds the first one's hold.
    """
    dialect = session.get_bind().dialect.name
    about = {"drop_id": drop_id, "fan": fan, "network": network, "created_at": now, "expires_at": expires_at}
    for _ in range(3):
        if made := _OPEN[dialect].rows(session, **about):
            return Opened(made[0][0], HoldState.ACTIVE, 1, expires_at, fresh=True)
        if mine := _MINE.rows(session, drop=drop_id, fan=fan):
            return Opened(*mine[0])
    raise Unavailable("Two clicks of yours got in each other's way. Please try again.", retry_after=1)


def has_live(session: Session, drop_id: int, fan: str) -> bool:
    """Has this fan a live hold of a drop? A look without a lock."""
    return bool(_LOOK.rows(session, drop=drop_id, fan=fan))


def open_again(session: Session, hold_id: int | None, drop_id: int, began: datetime, ends: datetime, lost: str) -> Hold:
    """A hold that was lost with the database, under the id that it had; its fan's cookie is lost, so `lost` stands for them."""
    hold = Hold(
        id=hold_id,
        drop_id=drop_id,
        fan=f"lost:{lost}",
        created_at=began,
        expires_at=ends,
        state=HoldState.ACTIVE,
        sent=True,
    )
    session.add(hold)
    session.flush()
    return hold


def locked(session: Session, hold_id: int) -> Hold | None:
    """The hold, locked and read after locking."""
    return session.get(Hold, hold_id, with_for_update=True, populate_existing=True)


def contents(session: Session, hold_id: int) -> list[Held]:
    """What a live hold contains, by run."""
    return grouped((run_id, number) for run_id, number in _CONTENTS.rows(session, hold=hold_id))


def grouped(pairs: Iterable[tuple[int, int]]) -> list[Held]:
    """Copies by run, from pairs of run id and number in their sequence."""
    runs: dict[int, list[int]] = {}
    for run_id, number in pairs:
        runs.setdefault(run_id, []).append(number)
    return [Held(run_id, tuple(numbers)) for run_id, numbers in runs.items()]


def holders(session: Session, run_id: int, numbers: Sequence[int]) -> list[int]:
    """The live holds that contain any of these copies."""
    held = select(Copy.hold_id).where(Copy.run_id == run_id, Copy.number.in_(numbers), Copy.state == CopyState.HELD)
    return [id_ for id_ in session.scalars(held.distinct().order_by(Copy.hold_id)) if id_ is not None]


def held_by(session: Session, whose: ColumnElement[bool]) -> dict[int, int]:
    """How many copies per run are in the live holds that `whose` selects."""
    rows = session.execute(
        select(Copy.run_id, func.count())
        .join(Hold, Hold.id == Copy.hold_id)
        .where(whose, live(), Copy.state == CopyState.HELD)
        .group_by(Copy.run_id)
    )
    return dict(rows.all())


def network_holds(session: Session, drop_id: int, network: str) -> int:
    """How many copies one network has in live, unpaid holds of a drop."""
    return int(_OF_NETWORK.rows(session, drop=drop_id, network=network)[0][0])


def overdue_unsent(session: Session, drop_id: int, now: datetime, *, besides: int, limit: int) -> Sequence[Hold]:
    """Holds of a drop whose time is over and that never reached Stripe, locked: they can be put back at once."""
    return session.scalars(
        _overdue(drop_id, now).where(Hold.id != besides).limit(limit).with_for_update(skip_locked=True),
        execution_options={"populate_existing": True},
    ).all()


def await_overdue(session: Session, drop_id: int, now: datetime) -> bool:
    """Is somebody else just putting such a hold back? If so, True once they have done it."""
    if session.scalar(_overdue(drop_id, now).with_only_columns(Hold.id).limit(1)) is None:
        return False
    session.scalars(_overdue(drop_id, now).limit(1).with_for_update()).all()
    return True


def _overdue(drop_id: int, now: datetime) -> Select[Hold]:
    late = select(Hold).where(Hold.drop_id == drop_id, is_one_of(Hold.state, HoldState.ACTIVE), live())
    return late.where(Hold.sent.is_(False), Hold.expires_at <= now).order_by(Hold.id)


def begin_closing(hold: Hold) -> None:
    """Nobody may pay for this hold any more; the copies stay until Stripe has said so too."""
    check_hold(hold.state, HoldState.CLOSING)
    hold.state = HoldState.CLOSING


def put_back(session: Session, hold: Hold, now: datetime, actor: str, reason: str) -> list[int]:
    """End a hold and put its copies back; their numbers."""
    check_hold(hold.state, HoldState.PUT_BACK)
    numbers = claims.put_back_held(session, hold.id, now, actor, reason)
    hold.state, hold.ended_at = HoldState.PUT_BACK, now
    session.flush()
    return numbers


def spend(session: Session, hold: Hold, now: datetime) -> None:
    """End a hold whose copies went to an order."""
    check_hold(hold.state, HoldState.SPENT)
    hold.state, hold.ended_at = HoldState.SPENT, now
    session.flush()


def give_until(hold: Hold, deadline: datetime) -> None:
    """The one prolongation a hold gets, at the first pay."""
    hold.expires_at, hold.grace_given = deadline, True


def note_details(hold: Hold, email: str, email_key: str, country: str, rate_id: int | None, note: str) -> None:
    """Keep what the fan said about who they are and where the copies go."""
    hold.email, hold.email_key, hold.country, hold.rate_id, hold.note = email, email_key, country, rate_id, note


def note_sent(hold: Hold) -> None:
    """From now on only Stripe can say that nobody pays for this hold."""
    hold.sent = True
