"""Codes from an authenticator app (RFC 6238): the secret is sealed at rest, and each code counts once."""

import base64
import hashlib
import hmac
from datetime import datetime

import pyotp
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Staff, StaffSession, StaffTotp
from app.kernel.errors import BadInput
from app.kernel.sealing import seal, unseal
from app.kernel.tokens import Tokens

SECONDS, DRIFT = 30, 1  # of one code; how many codes a phone's clock may be early or late
_PURPOSE = "totp"


def following(tokens: Tokens, staff: Staff, session_id: int) -> str:
    """The secret that this person's app gets next, in base32. Derived, so that showing it stores nothing.

    Each session is offered another one: who saw one before with a stolen password knows nothing of the owner's.
    """
    about = f"totp\0{staff.id}\0{session_id}\0{staff.factor_generation}\0{staff.password_hash}".encode()
    return base64.b32encode(hmac.new(tokens.keys[0], about, hashlib.sha256).digest()[:20]).decode()


def address(secret: str, email: str, shop: str) -> str:
    """What a QR code says to an authenticator app."""
    return pyotp.TOTP(secret, name=email, issuer=f"Runout {shop}").provisioning_uri()


def add(session: Session, tokens: Tokens, staff_id: int, session_id: int, typed: str, now: datetime) -> None:
    """Make the secret that this session was offered the person's; BadInput unless the app shows its code."""
    staff = session.get_one(Staff, staff_id, with_for_update=True, populate_existing=True)
    secret = following(tokens, staff, session_id)
    step = _step(secret, typed, now)
    if step is None:
        raise BadInput("", {"code": "That is not the code of this moment. Is the clock of the phone right?"})
    mine = session.scalar(select(StaffTotp).where(StaffTotp.staff_id == staff_id)) or StaffTotp(staff_id=staff_id)
    mine.sealed, mine.step, mine.confirmed_at = seal(tokens.keys, _PURPOSE, secret), step, now
    staff.factor_generation += 1
    session.add(mine)
    session.flush()


def right(session: Session, tokens: Tokens, staff_id: int, typed: str, now: datetime) -> bool:
    """Is this a code of the person's app that was not used before? It is used up by asking."""
    mine = session.scalar(select(StaffTotp).where(StaffTotp.staff_id == staff_id))
    opened = unseal(tokens.keys, _PURPOSE, mine.sealed) if mine else None
    if mine is None or opened is None:
        return False
    secret, old = opened
    step = _step(secret, typed, now)
    if step is None:
        return False
    unused = update(StaffTotp).where(StaffTotp.id == mine.id, StaffTotp.step < step)
    sealed = seal(tokens.keys, _PURPOSE, secret) if old else mine.sealed
    return session.execute(unused.values(step=step, sealed=sealed).returning(StaffTotp.id)).scalar() is not None


def shown(session: Session, tokens: Tokens, staff_id: int, now: datetime) -> str:
    """The code that the app shows now, or would show once it has what the last session was offered; for demos."""
    mine = session.scalar(select(StaffTotp).where(StaffTotp.staff_id == staff_id))
    opened = unseal(tokens.keys, _PURPOSE, mine.sealed) if mine else None
    last = select(func.max(StaffSession.id)).where(StaffSession.staff_id == staff_id)
    secret = opened[0] if opened else following(tokens, session.get_one(Staff, staff_id), session.scalar(last) or 0)
    step = int(now.timestamp()) // SECONDS
    return pyotp.TOTP(secret).generate_otp(max(step, mine.step + 1) if mine else step)


def _step(secret: str, typed: str, now: datetime) -> int | None:
    """The half-minute whose code this is, spaces and dashes aside; None when it is none of those that count now."""
    code = "".join(typed.split()).replace("-", "")
    this, app = int(now.timestamp()) // SECONDS, pyotp.TOTP(secret)
    steps = range(this - DRIFT, this + DRIFT + 1)
    if not (code.isascii() and code.isdigit()):
        return None
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step), code)), None)
