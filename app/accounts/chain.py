"""The audit log's chain: shortly after it was written, each row is sealed by a hash over itself and the seal before it.

Not in the deed's own transaction: deeds would wait for each other at the chain's end, and on PostgreSQL a row with a lower id may
be committed after one with a higher. So whoever seals takes what is there, in the sequence of the ids, and nobody waits.
"""

import hashlib
import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry, AuditSeal

BEGINNING = "0" * 64  # what the first row follows
AT_ONCE, LOOK_BACK = 500, 5000  # rows sealed in one transaction; ids below the last sealed one that may have been committed later
SOON = timedelta(hours=1)  # within which every row is sealed; a worker needs ten seconds
_LOCK = 0x52756E6F7574  # of PostgreSQL's advisory locks, ours


@dataclass(frozen=True)
class Verdict:
    """How the chain stands: rows sealed, the last link, rows that wait too long, and what is wrong first, empty when nothing is."""

    sealed: int
    head: str
    overdue: int
    broken: str


def due(session: Session) -> bool:
    """Is there a row to seal? A look without the write lock."""
    return session.scalar(_unsealed(session).with_only_columns(AuditEntry.id).limit(1)) is not None


def seal(session: Session) -> int:
    """Seal the rows that are not yet, the oldest first; how many. One does it at a time, and who comes second does nothing."""
    if session.get_bind().dialect.name == "postgresql" and not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1))
    position, former = (last.position, last.hash) if last else (0, BEGINNING)
    rows = session.scalars(_unsealed(session).limit(AT_ONCE)).all()
    for place, row in enumerate(rows, position + 1):
        link = AuditSeal(position=place, audit_id=row.id, former=former, hash=_hash(place, former, row))
        session.add(link)
        former = link.hash
    session.flush()
    return len(rows)


def check(session: Session, now: datetime) -> Verdict:
    """Follow the whole chain; the first row that is not as it was sealed is named."""
    count, former, broken = 0, BEGINNING, ""
    both = select(AuditSeal, AuditEntry).outerjoin(AuditEntry, AuditEntry.id == AuditSeal.audit_id).order_by(AuditSeal.position)
    with closing(session.execute(both.execution_options(yield_per=1000))) as links:
        for link, row in links:
            count += 1
            broken = _wrong(link, row, count, former)
            if broken:
                break
            former = link.hash
    late = select(func.count()).select_from(AuditEntry).where(AuditEntry.at < now - SOON, _loose())
    return Verdict(count - bool(broken), former, session.scalar(late) or 0, broken)


def _wrong(link: AuditSeal, row: AuditEntry | None, position: int, former: str) -> str:
    if link.position != position:
        return f"link {position} is missing"
    if row is None:
        return f"row {link.audit_id} is missing"
    if link.former != former or link.hash != _hash(position, former, row):
        return f"row {row.id} ({row.deed}, {row.at:%Y-%m-%d %H:%M:%S} UTC) or its link is not what was sealed"
    return ""


def _unsealed(session: Session) -> Select[AuditEntry]:
    last = session.scalar(select(func.max(AuditSeal.audit_id))) or 0
    return select(AuditEntry).where(AuditEntry.id > last - LOOK_BACK, _loose()).order_by(AuditEntry.id)


def _loose() -> ColumnElement[bool]:
    return ~exists().where(AuditSeal.audit_id == AuditEntry.id)


def _hash(position: int, former: str, row: AuditEntry) -> str:
    """Over everything that the row says, in one writing that both databases give."""
    about = [row.staff_id, row.label_id, row.deed, row.entity, row.entity_id, row.detail]
    said = [position, former, row.id, row.at.astimezone(UTC).isoformat(), *about]
    whole = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()
