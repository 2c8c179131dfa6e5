"""What must be true after every step: the invariants, and that deeds of staff stand in the audit log."""

from datetime import UTC, datetime
from typing import Any

from app.invariants import INVARIANTS
from app.invariants.kind import AGO
from app.kernel.db import sqlite  # the same library: two of them would drop each other's file locks

# These say that something is done in time; in a story the workers may be dead for hours, so they count at the end.
DEADLINES = {
    "time.active_lapses", "time.closing_ends", "time.session_ends", "time.event_heard", "money.authorised_ends", "jobs.not_stuck",
    "shortfalls.last_day_is_kept",
}  # fmt: skip
# Changes that staff made, and that the audit log knows nothing of.
_UNNOTED = {
    "a copy was withdrawn or put back": """SELECT m.id FROM stock_movements m
        WHERE m.actor LIKE 'staff:%' AND 'withdrawn' IN (m.before, m.after) AND 'available' IN (m.before, m.after)
        AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.entity = 'copy' AND a.entity_id = m.copy_id AND a.at = m.at)
        AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.deed = 'run.delivered' AND a.at = m.at)""",
    "a parcel was sent": """SELECT s.id FROM shipments s JOIN parcels p ON p.id = s.parcel_id
        WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.entity_id = p.order_id AND a.deed = 'order.shipped')""",
    "money was given back": """SELECT r.id FROM refunds r WHERE r.asked_by IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.entity_id = r.order_id AND a.entity = 'order' AND a.at = r.created_at)
        AND NOT EXISTS (SELECT 1 FROM shortfalls s JOIN audit_log a ON a.deed = 'order.short_answered' AND a.at = s.answered_at
        WHERE s.refund_id = r.id)""",
}
# Postage that goes back waits while a refund of its order waits for a second person, and nobody is left who would be one.
_LEFT = """SELECT 'hold', id, state FROM holds WHERE state IN ('active', 'closing')
    UNION ALL SELECT 'copy', id, state FROM copies WHERE state = 'held'
    UNION ALL SELECT 'attempt', id, state FROM checkout_attempts WHERE state IN ('wanted', 'open', 'unknown')
    UNION ALL SELECT 'payment', id, state FROM payments WHERE state = 'authorised'
    UNION ALL SELECT 'refund', id, state FROM refunds WHERE state IN ('wanted', 'pending')
    UNION ALL SELECT 'job', id, kind || ' ' || state FROM outbox WHERE state IN ('waiting', 'leased', 'dead')
        AND NOT (kind = 'postage.give_back' AND EXISTS (SELECT 1 FROM refunds r
            WHERE r.state = 'proposed' AND 'postage.give_back:' || r.order_id = outbox.key))"""
_FORMAT = "%Y-%m-%d %H:%M:%S.%f"  # how SQLite keeps an instant
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC).strftime(_FORMAT)


class Broken(Exception):
    """Something that must be true is not; the first word names it."""


class Watch:
    """A connection of its own that looks at the invariants quickly."""

    def __init__(self, file: str) -> None:
        self._connection = sqlite.connect(file)
        self._connection.execute("PRAGMA query_only = ON")

    def rows(self, sql: str, **given: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return list(self._connection.execute(sql, given).fetchall())

    def check(self, now: datetime) -> None:
        """Every invariant but the deadlines. Raises Broken."""
        given = {name: (now - age).strftime(_FORMAT) for name, age in AGO.items()}
        given |= {"now": now.strftime(_FORMAT), "since": _BEGINNING}
        for each in INVARIANTS:
            if each.id not in DEADLINES and (found := self._connection.execute(each.sql, given).fetchmany(3)):
                raise Broken(f"{each.id}: {each.why}, but {found}")
        for what, unnoted in _UNNOTED.items():
            if found := self._connection.execute(unnoted).fetchmany(3):
                raise Broken(f"audited: {what} without a line in the audit log: {found}")

    def left(self) -> list[tuple[Any, ...]]:
        """What is not through yet."""
        return self.rows(_LEFT)

    def close(self) -> None:
        """Close it."""
        self._connection.close()
