"""Recovery codes: each stands in for the second factor once; shown when they are made, and kept as digests."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import StaffRecoveryCode

COUNT = 10
_SIGNS, _GROUPS = "23456789abcdefghjkmnpqrstuvwxyz", 4  # none that looks like another; sixteen of them are 79 bits


def renew(session: Session, staff_id: int, now: datetime) -> list[str]:
    """New codes in place of all that there were. Nobody can read them again."""
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.staff_id == staff_id))
    codes = ["-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(_GROUPS)) for _ in range(COUNT)]
    session.add_all([StaffRecoveryCode(staff_id=staff_id, digest=_digest(code), created_at=now) for code in codes])
    session.flush()
    return codes


def use(session: Session, staff_id: int, typed: str, now: datetime) -> bool:
    """Use a code up; False when it is none of theirs or was used before."""
    mine = update(StaffRecoveryCode).where(StaffRecoveryCode.staff_id == staff_id, StaffRecoveryCode.used_at.is_(None))
    used = mine.where(StaffRecoveryCode.digest == _digest(typed)).values(used_at=now).returning(StaffRecoveryCode.id)
    return session.execute(used).scalar() is not None


def left(session: Session, staff_id: int) -> int:
    """How many are unused."""
    mine = (StaffRecoveryCode.staff_id == staff_id, StaffRecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(StaffRecoveryCode).where(*mine)) or 0


def _digest(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(f"recovery\0{plain}".encode()).hexdigest()
