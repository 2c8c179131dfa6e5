"""The movements of copies: complete, legal, and ending where the copies are."""

from app.invariants.kind import Invariant
from app.inventory.states import COPY_MOVES

_PREVIOUS = "(SELECT p.after FROM stock_movements p WHERE p.copy_id = m.copy_id AND p.id < m.id ORDER BY p.id DESC LIMIT 1)"
_LAST = "m.id = (SELECT MAX(l.id) FROM stock_movements l WHERE l.copy_id = c.id)"
_EDGES = ", ".join(f"'{before}>{after}'" for before, all_after in COPY_MOVES.items() for after in sorted(all_after))

HISTORY = (
    Invariant(
        "history.made_once",
        "every copy was made once, and that is its first movement",
        """SELECT c.id FROM copies c WHERE (SELECT COUNT(*) FROM stock_movements m WHERE m.copy_id = c.id AND m.before IS NULL) <> 1
        OR (SELECT m.before FROM stock_movements m WHERE m.copy_id = c.id ORDER BY m.id LIMIT 1) IS NOT NULL""",
    ),
    Invariant(
        "history.no_gap",
        "each movement begins where the one before it ended",
        f"SELECT m.id, m.copy_id FROM stock_movements m WHERE m.at >= :since AND m.before IS NOT NULL AND m.before <> {_PREVIOUS}",
    ),
    Invariant(
        "history.legal",
        "every movement is one that the life-cycle allows",
        f"""SELECT m.id, m.before, m.after FROM stock_movements m WHERE m.at >= :since
        AND m.before IS NOT NULL AND m.before || '>' || m.after NOT IN ({_EDGES})""",
    ),
    Invariant(
        "history.ends_here",
        "a copy's state is where its last movement went",
        f"SELECT c.id, c.state, m.after FROM copies c JOIN stock_movements m ON {_LAST} WHERE m.after <> c.state",
    ),
    Invariant(
        "history.owner",
        "a copy's owner is the one its last movement names",
        f"""SELECT c.id, m.id FROM copies c JOIN stock_movements m ON {_LAST}
        WHERE (c.hold_id IS NOT NULL AND (m.hold_id IS NULL OR m.hold_id <> c.hold_id))
        OR (c.order_line_id IS NOT NULL AND (m.order_line_id IS NULL OR m.order_line_id <> c.order_line_id))""",
    ),
    Invariant(
        "history.allocated_from_its_hold",
        "unless the money came late, an order's copies are those that its own hold held, or stand for one of these",
        """SELECT m.id, o.id FROM stock_movements m JOIN order_lines l ON l.id = m.order_line_id JOIN orders o ON o.id = l.order_id
        JOIN copies c ON c.id = m.copy_id WHERE m.after = 'allocated' AND m.at >= :since AND NOT o.late
        AND (m.hold_id IS NULL OR m.hold_id <> o.hold_id) AND NOT (c.issue > 0 AND m.before = 'available')
        AND NOT EXISTS (SELECT 1 FROM shortfalls s WHERE s.instead_id = c.id AND s.order_line_id = m.order_line_id)""",
    ),
    Invariant(
        "history.withdrawn_has_reason",
        "who withdraws a copy says why",
        "SELECT id, copy_id FROM stock_movements WHERE after = 'withdrawn' AND reason = '' AND at >= :since",
    ),
)
