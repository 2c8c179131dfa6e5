"""The people at a label's desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import factors, joining
from app.accounts.factors import Factors
from app.accounts.invitations import waits
from app.accounts.models import Invitation, Staff, StaffRole, StaffSession
from app.accounts.roles import Role
from app.kernel.errors import NotFound
from app.reports.deeds import Entry, of_entity
from app.reports.desk_self import Seat, seats


@dataclass(frozen=True)
class PersonRow:
    """Somebody at the desk, with their role per label id and when they were last seen."""

    id: int
    name: str
    email: str
    roles: dict[int, Role]
    seen_at: datetime | None


@dataclass(frozen=True)
class PersonDesk:
    """One person and what was done with their account; where they are signed in is not shown of who works `elsewhere` too."""

    row: PersonRow
    history: list[Entry]
    seats: list[Seat]
    elsewhere: bool
    factors: Factors
    zone: str


def rows(session: Session, label_ids: Sequence[int]) -> list[PersonRow]:
    """Everybody with a role at one of these labels, by name; roles at other labels are left out."""
    found: dict[int, PersonRow] = {}
    seen = _seen(session)
    pairs = session.execute(
        select(Staff, StaffRole).join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(StaffRole.label_id.in_(label_ids), Staff.disabled_at.is_(None)).order_by(func.lower(Staff.name), Staff.id)
    )  # fmt: skip
    for staff, role in pairs:
        row = found.setdefault(staff.id, PersonRow(staff.id, staff.name, staff.email, {}, seen.get(staff.id)))
        row.roles[role.label_id] = role.role
    return list(found.values())


@dataclass(frozen=True)
class InvitationRow:
    """Somebody who was asked and has not come; `over` when the link does not count any more."""

    id: int
    email: str
    label_id: int
    role: Role
    sent: datetime
    over: bool


def invited(session: Session, label_ids: Sequence[int], now: datetime) -> list[InvitationRow]:
    """Who was asked to these labels and has not come yet, the last asked first."""
    waiting = select(Invitation).where(
        Invitation.label_id.in_(label_ids), Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None)
    )
    found = session.scalars(waiting.order_by(Invitation.sent_at.desc(), Invitation.id.desc()).limit(100))
    return [InvitationRow(row.id, row.email, row.label_id, row.role, row.sent_at, not waits(row, now)) for row in found]


def desk(session: Session, staff_id: int, label_ids: Sequence[int], zone: str, now: datetime) -> PersonDesk:
    """One person's page; NotFound for who has no role at these labels."""
    row = next((row for row in rows(session, label_ids) if row.id == staff_id), None)
    if row is None:
        raise NotFound("There is no such person at your desk.")
    history = of_entity(session, "staff", staff_id, zone, label_ids)[::-1][:50]
    shared = joining.works_elsewhere(session, staff_id, label_ids)
    seen = [] if shared else seats(session, staff_id, now)
    return PersonDesk(row, history, seen, shared, factors.of(session, staff_id), zone)


def _seen(session: Session) -> dict[int, datetime]:
    last = select(StaffSession.staff_id, func.max(StaffSession.seen_at).label("seen_at")).group_by(StaffSession.staff_id)
    return {row.staff_id: row.seen_at for row in session.execute(last)}
