"""Staff accounts: making them, their roles, their passwords."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.accounts.models import Staff, StaffRole, StaffSession
from app.accounts.roles import MAY, Deed, Role
from app.kernel.errors import BadInput, Conflict, NotFound


@dataclass(frozen=True)
class Person:
    """A signed-in member of staff, with their role per label id."""

    id: int
    name: str
    email: str
    roles: dict[int, Role]

    def may(self, label_id: int, deed: Deed) -> bool:
        """Does their role at that label allow this?"""
        mine = self.roles.get(label_id)
        return mine is not None and deed in MAY[mine]

    def anywhere(self, deed: Deed) -> bool:
        """Does their role at some label allow this?"""
        return any(deed in MAY[role] for role in self.roles.values())


def add(session: Session, email: str, name: str, password: str, now: datetime) -> Staff:
    """A new account without roles. BadInput when the e-mail is taken or the password too short."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 254:
        raise BadInput("That is not an e-mail address.", {"email": "Please give a whole address."})
    if session.scalar(select(Staff.id).where(Staff.email == email)) is not None:
        raise BadInput("There is an account with this e-mail address already.", {"email": "Already taken."})
    person = Staff(email=email, name=name.strip() or email, password_hash=passwords.hashed(password), created_at=now)
    session.add(person)
    session.flush()
    return person


def set_role(session: Session, staff_id: int, label_id: int, role: Role | None) -> None:
    """Give, change or (None) take away a role. Conflict when a label would be left without an owner."""
    locked = session.scalars(_owners(label_id).with_for_update(of=StaffRole)).all()
    if role is not Role.OWNER and list(locked) == [staff_id]:
        raise Conflict("This is the label's only owner. Make somebody else an owner first.")
    mine = session.scalar(select(StaffRole).where(StaffRole.staff_id == staff_id, StaffRole.label_id == label_id))
    if role is None:
        if mine is not None:
            session.delete(mine)
    elif mine is None:
        session.add(StaffRole(staff_id=staff_id, label_id=label_id, role=role))
    else:
        mine.role = role
    session.flush()


def owners(session: Session, label_id: int) -> list[int]:
    """Who owns a label and may sign in."""
    return list(session.scalars(_owners(label_id)))


def managers(session: Session, label_id: int) -> list[int]:
    """Who may run a label's drops, owners among them, and may sign in."""
    mine = select(StaffRole.staff_id).join(Staff, Staff.id == StaffRole.staff_id).order_by(StaffRole.staff_id)
    able = mine.where(StaffRole.label_id == label_id, StaffRole.role.in_((Role.OWNER, Role.MANAGER)), Staff.disabled_at.is_(None))
    return list(session.scalars(able))


def set_password(session: Session, staff_id: int, password: str, now: datetime) -> None:
    """Change a password and sign the person out everywhere. NotFound when there is no such account."""
    set_hash(session, staff_id, passwords.hashed(password), now)


def set_hash(session: Session, staff_id: int, password_hash: str, now: datetime) -> None:
    """The same with a hash made before the transaction, so that nobody waits for it. NotFound as above."""
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound("There is no such account.")
    person.password_hash = password_hash
    end_sessions(session, staff_id, now)


def disable(session: Session, staff_id: int, now: datetime) -> None:
    """Close an account at once, everywhere. Conflict when a label would be left without an owner."""
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound("There is no such account.")
    for role in list(person.roles):
        set_role(session, staff_id, role.label_id, None)
    person.disabled_at = now
    end_sessions(session, staff_id, now)


def end_sessions(session: Session, staff_id: int, now: datetime) -> None:
    """Sign a person out of every browser."""
    live = update(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
    session.execute(live.values(ended_at=now))


def by_email(session: Session, email: str) -> Staff | None:
    """The open account with this address."""
    return session.scalar(select(Staff).where(Staff.email == email.strip().lower(), Staff.disabled_at.is_(None)))


def none_yet(session: Session) -> bool:
    """Is there no account at all?"""
    return not session.scalar(select(func.count()).select_from(Staff))


def _owners(label_id: int) -> Select[int]:
    mine = select(StaffRole.staff_id).join(Staff, Staff.id == StaffRole.staff_id)
    return mine.where(StaffRole.label_id == label_id, StaffRole.role == Role.OWNER, Staff.disabled_at.is_(None))
