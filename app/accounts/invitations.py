"""Inviting somebody to a label's desk by mail: a link that counts once, for a week, and can be withdrawn or sent again."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import joining
from app.accounts.joining import Joined
from app.accounts.models import Invitation, Staff, StaffRole
from app.accounts.roles import MAY, Deed, Role
from app.kernel import outbox
from app.kernel.errors import Conflict, NotFound
from app.kernel.tokens import Tokens

KIND, MAIL = "invitation", "mail.invited"
LASTS = timedelta(days=7)
_GONE = "This invitation does not count any more: it was used, withdrawn, sent again, or is older than a week. Ask for a new one."


def invite(session: Session, label_id: int, email: str, role: Role, by: int, now: datetime) -> Invitation:
    """Ask somebody to the desk; whoever is asked already is asked anew. BadInput for an odd address or a colleague's."""
    address = joining.address(email)
    joining.check_new(session, label_id, address)
    waiting = select(Invitation).where(Invitation.label_id == label_id, Invitation.email == address)
    for older in session.scalars(waiting.where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))):
        older.withdrawn_at = now
    found = Invitation(label_id=label_id, email=address, role=role, invited_by=by, generation=1, sent_at=now)
    session.add(found)
    session.flush()
    _mail(session, found, now)
    return found


def send_again(session: Session, found: Invitation, now: datetime) -> None:
    """A new link for another week; the older one ends. Conflict when it was accepted or withdrawn."""
    _check_waits(found)
    found.generation, found.sent_at = found.generation + 1, now
    _mail(session, found, now)


def withdraw(session: Session, found: Invitation, now: datetime) -> None:
    """The link ends. Conflict when it was accepted or withdrawn already."""
    _check_waits(found)
    found.withdrawn_at = now
    session.flush()


def of_token(session: Session, tokens: Tokens, token: str, now: datetime) -> Invitation:
    """The invitation whose link this is, locked; NotFound when it does not count (any more)."""
    id_ = tokens.peek(token)
    found = session.get(Invitation, id_, with_for_update=True, populate_existing=True) if id_ else None
    if found is None or not tokens.proves(token, KIND, found.id, found.generation):
        raise NotFound(_GONE)
    if not waits(found, now) or not _may_still_invite(session, found):
        raise NotFound(_GONE)
    return found


def waits(found: Invitation, now: datetime) -> bool:
    """Can it still be accepted?"""
    return found.accepted_at is None and found.withdrawn_at is None and now - found.sent_at <= LASTS


def accept(session: Session, found: Invitation, name: str, password_hash: str, now: datetime) -> Joined:
    """Give them the role; who has an account keeps it as it is, with its password. BadInput when they are there already."""
    joined = joining.join(session, found.label_id, found.email, name, found.role, password_hash, now)
    found.accepted_at = now
    session.flush()
    return joined


def token(tokens: Tokens, found: Invitation) -> str:
    """What its link ends in."""
    return tokens.make(KIND, found.id, found.generation)


def _may_still_invite(session: Session, found: Invitation) -> bool:
    """An invitation is worth what the word of who sent it is worth now."""
    theirs = select(StaffRole.role).join(Staff, Staff.id == StaffRole.staff_id)
    here = theirs.where(Staff.id == found.invited_by, StaffRole.label_id == found.label_id)
    role = session.scalar(here.where(Staff.disabled_at.is_(None)))
    return role is not None and Deed.PEOPLE in MAY[role]


def _check_waits(found: Invitation) -> None:
    if found.accepted_at is not None:
        raise Conflict("This invitation was accepted already.")
    if found.withdrawn_at is not None:
        raise Conflict("This invitation was withdrawn already. Invite them anew.")


def _mail(session: Session, found: Invitation, now: datetime) -> None:
    outbox.enqueue(session, MAIL, f"{found.id}:{found.generation}", {"invitation": found.id}, now=now, once=True, priority=6)
