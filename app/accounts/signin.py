"""Signing in and out: throttled by account, address and altogether; the session is a row that can be ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts import passwords, people
from app.accounts.models import Staff, StaffSession
from app.accounts.people import Person
from app.kernel import throttle
from app.kernel.errors import NotFound, Refusal

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
UNPROVEN = timedelta(minutes=15)  # between password and second factor
FRESH = timedelta(minutes=15)  # after which money and people ask once more who it is
_QUARTER, _MONTH = timedelta(minutes=15), timedelta(days=30)


class WrongPassword(Refusal):
    """E-mail and password do not belong together; it is not said which is wrong."""

    status, code, title = 422, "wrong-password", "That did not match"


@dataclass(frozen=True)
class Where:
    """Where somebody signs in, as they would recognise it: the browser's family, and roughly the network."""

    browser: str
    network: str


NOWHERE = Where("", "")


@dataclass(frozen=True)
class Visit:
    """A signed-in browser: who it is, whether the second factor was shown, and whether they lately said who they are.

    `due` says that the session should be marked as still in use.
    """

    person: Person
    session_id: int
    proven: bool
    fresh: bool
    due: bool


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
    """This person signed in from this network; who comes every day is known for good."""
    account = _account(session.get_one(Staff, staff_id).email)
    throttle.renew(session, _known(account, network), per=_MONTH, now=now)


def is_known(session: Session, staff_id: int, network: str, now: datetime) -> bool:
    """Did this person sign in from this network within the last month?"""
    return throttle.running(session, _known(_account(session.get_one(Staff, staff_id).email), network), now)


def was_here(session: Session, staff_id: int, but: int) -> bool:
    """Was this person ever signed in, in another session than this one?"""
    others = select(StaffSession.id).where(StaffSession.staff_id == staff_id, StaffSession.id != but)
    return session.scalar(others.where(StaffSession.proven_at.is_not(None)).limit(1)) is not None


def find(session: Session, email: str) -> Staff | None:
    """Whom the address belongs to; the password is checked outside the transaction, it is slow on purpose."""
    return people.by_email(session, email)


def check_password(staff: Staff | None, password: str) -> None:
    """WrongPassword unless this is that person's password."""
    if not passwords.right(password, staff.password_hash if staff else None):
        raise WrongPassword("E-mail and password do not belong together. Please try again.")


def begin(session: Session, staff_id: int, now: datetime, where: Where = NOWHERE, *, proven: bool = False) -> str:
    """A new session with a new token, whatever the browser had before; the token, which is not stored.

    Until it is `proven` by a second factor it lasts a quarter of an hour, and opens no page of the desk.
    """
    token = secrets.token_urlsafe(32)
    when = now if proven else None
    session.add(
        StaffSession(
            token_digest=_digest(token), staff_id=staff_id, created_at=now, seen_at=now, proven_at=when, confirmed_at=when,
            browser=where.browser, network=where.network,
        )
    )  # fmt: skip
    session.flush()
    return token


def prove(session: Session, token: str, now: datetime) -> str:
    """The second factor was shown: the session goes on under a new token. NotFound when it was ended meanwhile."""
    row, fresh = _live(session, token), secrets.token_urlsafe(32)
    row.token_digest, row.proven_at, row.confirmed_at, row.seen_at, row.challenge = _digest(fresh), now, now, now, None
    session.flush()
    return fresh


def confirm(session: Session, token: str, now: datetime) -> None:
    """The person said once more who they are."""
    _live(session, token).confirmed_at = now


def ask(session: Session, token: str, challenge: str) -> None:
    """Note what a passkey of this browser is to sign."""
    _live(session, token).challenge = challenge


def asked(session: Session, token: str) -> str:
    """What a passkey was to sign; it is asked once. Empty when nothing was."""
    row = _live(session, token)
    challenge, row.challenge = row.challenge or "", None
    session.flush()
    return challenge


def who(session: Session, token: str, now: datetime) -> Visit | None:
    """Whose session this token is; None when signed out, idle for 30 minutes, 12 hours old, or unproven for too long."""
    wanted = select(StaffSession).where(StaffSession.token_digest == _digest(token), StaffSession.ended_at.is_(None))
    found = session.scalars(wanted.options(joinedload(StaffSession.staff).joinedload(Staff.roles))).unique().one_or_none()
    if found is None or found.staff.disabled_at or now - found.seen_at > IDLE or now - found.created_at > LONGEST:
        return None
    if found.proven_at is None and now - found.created_at > UNPROVEN:
        return None
    staff = found.staff
    person = Person(staff.id, staff.name, staff.email, {role.label_id: role.role for role in staff.roles})
    fresh = found.confirmed_at is not None and now - found.confirmed_at <= FRESH
    return Visit(person, found.id, found.proven_at is not None, fresh, now - found.seen_at > timedelta(minutes=1))


def seen(session: Session, token: str, now: datetime) -> None:
    """The person is still there."""
    if row := session.scalar(select(StaffSession).where(StaffSession.token_digest == _digest(token))):
        row.seen_at = now


def end(session: Session, token: str, now: datetime) -> None:
    """Sign this browser out."""
    if row := session.scalar(select(StaffSession).where(StaffSession.token_digest == _digest(token))):
        row.ended_at = row.ended_at or now


def _live(session: Session, token: str) -> StaffSession:
    mine = select(StaffSession).where(StaffSession.token_digest == _digest(token), StaffSession.ended_at.is_(None))
    if (row := session.scalar(mine.with_for_update())) is None:
        raise NotFound("You were signed out meanwhile. Please sign in again.")
    return row


def _account(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]


def _known(account: str, network: str) -> str:
    return f"signin.known:{account}:{network}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
