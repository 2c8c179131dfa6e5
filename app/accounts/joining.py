"""Bringing a person to a label's desk: a new account, one that comes back, or one that works for another label too."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import notices, people, reset
from app.accounts.models import Staff, StaffRole
from app.accounts.roles import Deed, Role
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Conflict, Forbidden

TAKEN = {"email": "This person is at the desk already."}


@dataclass(frozen=True)
class Joined:
    """Who joined; `fresh` when the password given is theirs now, False when they keep the one they have."""

    staff_id: int
    email: str
    fresh: bool


def join(session: Session, label_id: int, email: str, name: str, role: Role, password_hash: str, now: datetime) -> Joined:
    """Give somebody a role at a label, making or reopening their account where needed. BadInput for a taken or odd address.

    The hash may be empty for who keeps the password they have; Conflict when they do not keep it after all.
    """
    mail = address(email)
    person = check_new(session, label_id, mail)
    keeps = person is not None and _works(person)
    if not keeps and not password_hash:
        raise Conflict("Your account was changed a moment ago. Open the link once more: it asks for a password now.")
    if person is None:
        person = Staff(email=mail, name=name or mail, password_hash=password_hash, created_at=now)
        with refusing(session, TAKEN):
            session.add(person)
    elif not keeps:
        person.name, person.password_hash, person.disabled_at = name or person.name, password_hash, None
        reset.reset(session, person.id, now)  # whoever had it left; and it signs them out
        notices.tell(session, person.id, "staff.password_changed", now)
    people.set_role(session, person.id, label_id, role)
    return Joined(person.id, mail, not keeps)


def keeps_account(session: Session, mail: str) -> bool:
    """Has somebody an account with this address that stays as it is, password and all? Who works nowhere gets a new password."""
    person = people.by_email(session, mail)
    return person is not None and bool(person.roles)


def check_new(session: Session, label_id: int, mail: str) -> Staff | None:
    """The account with this address, if there is one; BadInput when it is at this label's desk already."""
    person = session.scalar(select(Staff).where(Staff.email == mail))
    if person is not None and any(mine.label_id == label_id for mine in person.roles):
        raise BadInput("", TAKEN)
    return person


def check_all_owned(session: Session, staff_id: int, owner: people.Person) -> None:
    """Forbidden unless `owner` owns every label this person works for: their account is not one label's alone."""
    if works_elsewhere(session, staff_id, [label_id for label_id in owner.roles if owner.may(label_id, Deed.PEOPLE)]):
        raise Forbidden("This person works for another label too, so their sign-in and their account are theirs alone.")


def works_elsewhere(session: Session, staff_id: int, label_ids: Collection[int]) -> bool:
    """Has this person a role at a label that is none of these?"""
    other = select(StaffRole.id).where(StaffRole.staff_id == staff_id, StaffRole.label_id.not_in(label_ids))
    return session.scalar(other.limit(1)) is not None


def _works(person: Staff) -> bool:
    return person.disabled_at is None and bool(person.roles)


def address(email: str) -> str:
    """An address as we keep it; BadInput for what is none."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False)
        return (checked.ascii_email or checked.normalized).lower()
    except EmailNotValidError as fault:
        raise BadInput("", {"email": "Please give a whole address, such as sam@label.example."}) from fault
