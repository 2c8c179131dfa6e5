"""Bringing a person to a label's desk: a new account, one that comes back, or one that works for another label too."""

from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import people, reset
from app.accounts.models import Staff, StaffRole
from app.accounts.roles import Deed, Role
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Forbidden

TAKEN = {"email": "This person is at the desk already."}


@dataclass(frozen=True)
class Joined:
    """Who joined; `fresh` when the password given is theirs now, False when they keep the one they have."""

    staff_id: int
    email: str
    fresh: bool


def join(session: Session, label_id: int, email: str, name: str, role: Role, password_hash: str, now: datetime) -> Joined:
    """Give somebody a role at a label, making or reopening their account where needed. BadInput for a taken or odd address."""
    mail = address(email)
    person = check_new(session, label_id, mail)
    keeps = person is not None and person.disabled_at is None and bool(person.roles)
    if person is None:
        person = Staff(email=mail, name=name or mail, password_hash=password_hash, created_at=now)
        with refusing(session, TAKEN):
            session.add(person)
    elif not keeps:
        person.name, person.password_hash, person.disabled_at = name or person.name, password_hash, None
        reset.reset(session, person.id, now)  # whoever had it left; and it signs them out
    people.set_role(session, person.id, label_id, role)
    return Joined(person.id, mail, not keeps)


def check_new(session: Session, label_id: int, mail: str) -> Staff | None:
    """The account with this address, if there is one; BadInput when it is at this label's desk already."""
    person = session.scalar(select(Staff).where(Staff.email == mail))
    if person is not None and any(mine.label_id == label_id for mine in person.roles):
        raise BadInput("", TAKEN)
    return person


def check_all_owned(session: Session, staff_id: int, owner: people.Person) -> None:
    """Forbidden unless `owner` owns every label this person works for: their account is not one label's alone."""
    labels = session.scalars(select(StaffRole.label_id).where(StaffRole.staff_id == staff_id)).all()
    if any(not owner.may(label_id, Deed.PEOPLE) for label_id in labels):
        raise Forbidden("This person works for another label too, so only they can change their password or close their account.")


def address(email: str) -> str:
    """An address as we keep it; BadInput for what is none."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False)
        return (checked.ascii_email or checked.normalized).lower()
    except EmailNotValidError as fault:
        raise BadInput("", {"email": "Please give a whole address, such as sam@label.example."}) from fault
