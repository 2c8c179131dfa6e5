"""Taking a person's second factor away, for who has lost all of it."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import people
from app.accounts.models import Staff, StaffPasskey, StaffRecoveryCode, StaffTotp
from app.kernel.errors import NotFound


def reset(session: Session, staff_id: int, now: datetime) -> None:
    """Take every factor away and sign the person out everywhere; at their next sign-in they enrol anew. NotFound for nobody."""
    staff = session.get(Staff, staff_id)
    if staff is None:
        raise NotFound("There is no such account.")
    for kind in (StaffTotp, StaffPasskey, StaffRecoveryCode):
        session.execute(delete(kind).where(kind.staff_id == staff_id))
    staff.factor_generation += 1
    people.end_sessions(session, staff_id, now)
