"""Signing in and out: throttled by account, address and altogether; the session is a row that can be ended."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts import passwords, people
from app.accounts.models import Staff, StaffSession
from app.accounts.people import Person
from app.kernel import throttle
from app.kernel.errors import Refusal

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
_QUARTER, _MONTH = timedelta(minutes=15), timedelta(days=30)


class WrongPassword(Refusal):
    """E-mail and password do not belong together; it is not said which is wrong."""

    status, code, title = 422, "wrong-password", "That did not match"


def check_throttle(session: Session, email: str, network: str, now: datetime) -> None:
    """Count one try by account, by network and altogether; TooMany when there were too many.

    Strangers who use up what there is altogether keep nobody out from where they signed in before.
    """
    account = _account(email)
    limits = {f"signin.account:{account}:{network}": 8, f"signin.network:{network}": 30}
    if not throttle.running(session, _known(account, network), now):
        limits["signin.all"] = 300
    for key, most in limits.items():
        throttle.allow(session, key, most=most, per=_QUARTER, now=now, what="tries to sign in")


def remember(session: Session, staff_id: int, network: str, now: datetime) -> None:
    """This person signed in from this network."""
    account = _account(session.get_one(Staff, staff_id).email)
    throttle.hit(session, _known(account, network), most=1, per=_MONTH, now=now)


def find(session: Session, email: str) -> Staff | None:
    """Whom the address belongs to; the password is checked outside the transaction, it is slow on purpose."""
    return people.by_email(session, email)


def check_password(staff: Staff | None, password: str) -> None:
    """WrongPassword unless this is that person's password."""
    if not passwords.right(password, staff.password_hash if staff else None):
        raise WrongPassword("E-mail and password do not belong together. Please try again.")


def begin(session: Session, staff_id: int, now: datetime) -> str:
    """A new session with a new token, whatever the browser had before; the token, which is not stored."""
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_digest=_digest(token), staff_id=staff_id, created_at=now, seen_at=now))
    session.flush()
    return token


def who(session: Session, token: str, now: datetime) -> tuple[Person, bool] | None:
    """The person behind a token, and whether `seen` is due; None when signed out, idle for 30 minutes or 12 hours old."""
    wanted = select(StaffSession).where(StaffSession.token_digest == _digest(token), StaffSession.ended_at.is_(None))
    found = session.scalars(wanted.options(joinedload(StaffSession.staff).joinedload(Staff.roles))).unique().one_or_none()
    if found is None or found.staff.disabled_at or now - found.seen_at > IDLE or now - found.created_at > LONGEST:
        return None
    staff = found.staff
    person = Person(staff.id, staff.name, staff.email, {role.label_id: role.role for role in staff.roles})
    return person, now - found.seen_at > timedelta(minutes=1)


def seen(session: Session, token: str, now: datetime) -> None:
    """The person is still there."""
    if row := session.scalar(select(StaffSession).where(StaffSession.token_digest == _digest(token))):
        row.seen_at = now


def end(session: Session, token: str, now: datetime) -> None:
    """Sign this browser out."""
    if row := session.scalar(select(StaffSession).where(StaffSession.token_digest == _digest(token))):
        row.ended_at = row.ended_at or now


def _account(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]


def _known(account: str, network: str) -> str:
    return f"signin.known:{account}:{network}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
