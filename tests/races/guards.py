"""Guards taken off one by one: what a careless programmer would have written instead."""

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import and_, bindparam, literal, or_, select
from sqlalchemy.orm import Session

from app.accounts import signin
from app.accounts.signin import Visit
from app.checkout import lapse, pay
from app.checkout.quote import quote
from app.drops import doors, limits
from app.fulfilment import parcels
from app.fulfilment.models import Parcel
from app.inventory import claims, holds, opening
from app.inventory.holds import Opened
from app.inventory.models import Hold
from app.inventory.states import CopyState
from app.kernel import outbox
from app.kernel.schema import Base
from app.orders import codes
from app.payments import attempts, inbox
from app.payments.facts import EventFacts
from app.payments.models import Payment, StripeEvent
from tests.races.rivals import look_then_take

Off = Callable[[pytest.MonkeyPatch], None]


def without_lock(module: ModuleType, table: type[Base]) -> Off:
    """The module's `locked` reads a row without locking it."""

    def off(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, "locked", lambda session, id_: session.get_one(table, id_))

    return off


def look_then_claim(patch: pytest.MonkeyPatch) -> None:
    """A claim as one writes it at first: look what is free, then take it."""
    patch.setattr(claims, "_claim", _look_then_claim)
    patch.setattr(opening, "at_once", lambda *_: None)


def _look_then_claim(session: Session, run_id: int, quantity: int, after: CopyState, **owner: int) -> list[tuple[int, int]]:
    found = look_then_take(session, run_id, quantity, after, pause=0.0, **owner)
    return found if len(found) == quantity else []


def look_then_open(patch: pytest.MonkeyPatch) -> None:
    """A hold is opened when none was seen."""
    patch.setattr(holds, "open_hold", _look_then_open)
    patch.setattr(opening, "at_once", lambda *_: None)


def _look_then_open(session: Session, drop_id: int, fan: str, network: str, now: datetime, expires_at: datetime) -> Opened:
    found = session.scalar(select(Hold).where(Hold.drop_id == drop_id, Hold.fan == fan, holds.live()))
    if found is not None:
        return Opened(found.id, found.state, found.generation, found.expires_at)
    hold = Hold(drop_id=drop_id, fan=fan, network=network, created_at=now, expires_at=expires_at)
    session.add(hold)
    session.flush()
    return Opened(hold.id, hold.state, hold.generation, hold.expires_at, fresh=True)


def look_then_remember(patch: pytest.MonkeyPatch) -> None:
    """An event is remembered when it was not seen."""
    patch.setattr(inbox, "remember", _look_then_remember)


def _look_then_remember(session: Session, event: EventFacts, attempt_id: int | None, now: datetime) -> bool:
    if session.get(StripeEvent, event.id) is not None:
        return False
    fields = {name: getattr(event, name) for name in ("id", "type", "object_id", "livemode", "account", "created_at")}
    session.add(StripeEvent(**fields, received_at=now, attempt_id=attempt_id))
    session.flush()
    return True


def parcel_without_lock(patch: pytest.MonkeyPatch) -> None:
    """The parcel of an order is read without a lock."""
    patch.setattr(parcels, "locked", lambda session, order_id: session.scalar(select(Parcel).where(Parcel.order_id == order_id)))


def payment_without_lock(patch: pytest.MonkeyPatch) -> None:
    """The payment of an attempt is read without a lock."""
    mine = select(Payment)
    patch.setattr(attempts, "payment_of", lambda session, id_: session.scalar(mine.where(Payment.attempt_id == id_)))


def copies_without_lock(patch: pytest.MonkeyPatch) -> None:
    """Copies are changed as they were read at first."""
    patch.setattr(claims, "_locked", lambda session, which: list(session.scalars(which)))


def without_buyers_lock(patch: pytest.MonkeyPatch) -> None:
    """A buyer's copies are counted while others count."""
    patch.setattr(limits, "lock_buyer", lambda *_: None)


def without_codes_lock(patch: pytest.MonkeyPatch) -> None:
    """The uses of a code are counted while others count."""
    patch.setattr(codes, "lock", lambda *_: None)


def without_second_look(patch: pytest.MonkeyPatch) -> None:
    """A job is leased although somebody has leased it meanwhile."""
    whenever = or_(outbox._MINE.run_at <= bindparam("now"), outbox._MINE.run_at > bindparam("now"))
    patch.setattr(outbox, "_DUE", and_(outbox._MINE.state.in_([literal("waiting"), literal("leased")]), whenever))
    patch.setattr(outbox, "_lease", outbox._lease.__wrapped__)


def without_doors(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the drop is open."""
    patch.setattr(doors, "knock", lambda *_: None)


def whatever_it_costs(patch: pytest.MonkeyPatch) -> None:
    """The total on the fan's page is not compared with the total now."""
    real = pay._prepare

    def prepare(session: Session, hold_id: int, _shown: int, *rest: Any) -> Any:
        return real(session, hold_id, quote(session, session.get_one(Hold, hold_id)).quote.total.amount, *rest)

    patch.setattr(pay, "_prepare", prepare)


def put_back_blindly(patch: pytest.MonkeyPatch) -> None:
    """A hold whose time is over is put back, whatever Stripe may still let the fan pay."""

    def close(session: Session, hold: Hold, now: datetime) -> None:
        holds.put_back(session, hold, now, claims.MACHINE, "lapsed")

    patch.setattr(lapse, "_close", close)


def remembered_roles(patch: pytest.MonkeyPatch) -> None:
    """Who somebody was when they were first seen is who they are."""
    real, known = signin.who, {}

    def who(session: Session, token: str, now: datetime) -> Visit | None:
        return known.setdefault(token, real(session, token, now))

    patch.setattr(signin, "who", who)
