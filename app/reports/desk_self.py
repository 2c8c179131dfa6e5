"""A person's own sign-in: what they can show, and where they are signed in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import factors, passkeys
from app.accounts.factors import Factors
from app.accounts.models import StaffSession
from app.accounts.signin import IDLE, LONGEST
from app.catalogue.models import Label


@dataclass(frozen=True)
class Seat:
    """A browser that is signed in; `browser` and `network` are empty where nothing is known of them."""

    id: int
    browser: str
    network: str
    since: datetime
    seen: datetime


@dataclass(frozen=True)
class KeyRow:
    """A passkey by its name."""

    id: int
    name: str
    since: datetime
    used: datetime | None


@dataclass(frozen=True)
class SelfDesk:
    """The page of one's own sign-in, on the clock of `zone`."""

    factors: Factors
    keys: list[KeyRow]
    seats: list[Seat]
    zone: str


def self_desk(session: Session, staff_id: int, label_ids: list[int], now: datetime) -> SelfDesk:
    """What one sees of oneself."""
    keys = [KeyRow(key.id, key.name, key.created_at, key.used_at) for key in passkeys.of(session, staff_id)]
    zone = session.scalar(select(Label.time_zone).where(Label.id.in_(label_ids)).order_by(Label.id).limit(1)) or "UTC"
    return SelfDesk(factors.of(session, staff_id), keys, seats(session, staff_id, now), zone)


def seats(session: Session, staff_id: int, now: datetime) -> list[Seat]:
    """Where somebody is signed in now, the last seen first."""
    live = select(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None), StaffSession.proven_at.is_not(None),
        StaffSession.seen_at >= now - IDLE, StaffSession.created_at >= now - LONGEST,
    )  # fmt: skip
    found = session.scalars(live.order_by(StaffSession.seen_at.desc(), StaffSession.id.desc()))
    return [Seat(row.id, row.browser, row.network, row.created_at, row.seen_at) for row in found]
