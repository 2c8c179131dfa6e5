"""Where the copies are, and how many of them one buyer may have."""

from app.invariants.kind import Invariant

# A buyer's copies: what `limit.*` adds up. By cookie late orders do not count, by e-mail only holds that are being paid.
_BY_FAN = """
    SELECT h.drop_id, h.fan AS buyer, c.run_id, 1 AS n FROM copies c JOIN holds h ON h.id = c.hold_id
    UNION ALL SELECT o.drop_id, o.fan, c.run_id, 1 FROM copies c JOIN order_lines l ON l.id = c.order_line_id
    JOIN orders o ON o.id = l.order_id WHERE o.state = 'placed' AND NOT o.late"""
_BY_EMAIL = """
    SELECT h.drop_id, h.email_key AS buyer, c.run_id, 1 AS n FROM copies c JOIN holds h ON h.id = c.hold_id
    WHERE EXISTS (SELECT 1 FROM checkout_attempts a WHERE a.hold_id = h.id AND a.state IN ('wanted', 'open', 'unknown'))
    UNION ALL SELECT o.drop_id, h.email_key, c.run_id, 1 FROM copies c JOIN order_lines l ON l.id = c.order_line_id
    JOIN orders o ON o.id = l.order_id JOIN holds h ON h.id = o.hold_id WHERE o.state = 'placed' AND h.email_key <> ''"""
_PER_RUN = """SELECT x.drop_id, x.buyer, x.run_id, SUM(x.n) FROM ({}) x JOIN runs r ON r.id = x.run_id
    GROUP BY x.drop_id, x.buyer, x.run_id, r.limit_per_fan HAVING SUM(x.n) > r.limit_per_fan"""
_PER_DROP = """SELECT x.drop_id, x.buyer, SUM(x.n) FROM ({}) x JOIN drops d ON d.id = x.drop_id
    GROUP BY x.drop_id, x.buyer, d.limit_per_fan HAVING SUM(x.n) > d.limit_per_fan"""

STOCK = (
    Invariant(
        "stock.numbered_once",
        "a pressed run has exactly one first issue of every number from first to last",
        """SELECT r.id, COUNT(c.id) FROM runs r LEFT JOIN copies c ON c.run_id = r.id AND c.issue = 0 AND c.number IS NOT NULL
        WHERE r.pressed_at IS NOT NULL GROUP BY r.id, r.edition_size
        HAVING COUNT(c.id) <> r.edition_size OR COUNT(DISTINCT c.number) <> r.edition_size""",
    ),
    Invariant(
        "stock.within_run",
        "no copy has a number outside its run, and a run that was not pressed has no copies",
        """SELECT c.id, c.number FROM copies c JOIN runs r ON r.id = c.run_id
        WHERE r.pressed_at IS NULL OR c.number < r.first_number OR c.number >= r.first_number + r.edition_size""",
    ),
    Invariant(
        "stock.issue_after_issue",
        "a number is issued again only when the copy that had it was withdrawn, and stays so",
        """SELECT c.id, c.issue FROM copies c WHERE c.issue > 0 AND c.number IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM copies p WHERE p.run_id = c.run_id
        AND p.number = c.number AND p.issue = c.issue - 1 AND p.state = 'withdrawn')""",
    ),
    Invariant(
        "stock.reserve_is_nobodys",
        "a copy of the reserve has no number, and belongs to nobody until it gets one",
        "SELECT id, state FROM copies WHERE number IS NULL AND (issue <> 0 OR state NOT IN ('available', 'withdrawn'))",
    ),
    Invariant(
        "stock.one_owner",
        "held exactly when it has a hold, allocated or shipped exactly when it has an order line",
        """SELECT id, state FROM copies WHERE (state = 'held') <> (hold_id IS NOT NULL)
        OR (state IN ('allocated', 'shipped')) <> (order_line_id IS NOT NULL)""",
    ),
    Invariant(
        "stock.held_by_live",
        "a held copy belongs to a hold that is live",
        "SELECT c.id, h.id FROM copies c JOIN holds h ON h.id = c.hold_id WHERE h.state NOT IN ('active', 'closing')",
    ),
    Invariant(
        "stock.no_empty_hold",
        "a live hold holds at least one copy",
        """SELECT h.id FROM holds h WHERE h.state IN ('active', 'closing')
        AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.hold_id = h.id)""",
    ),
    Invariant(
        "stock.sold_here",
        "a hold contains only runs that its drop sells",
        """SELECT c.id, h.id FROM copies c JOIN holds h ON h.id = c.hold_id
        WHERE NOT EXISTS (SELECT 1 FROM drop_runs d WHERE d.drop_id = h.drop_id AND d.run_id = c.run_id)""",
    ),
    Invariant(
        "stock.line_owns_its_copies",
        "a line of an order that stands owns exactly as many copies as were sold, less those that were taken back",
        """SELECT l.id, l.quantity, COUNT(c.id) FROM order_lines l JOIN orders o ON o.id = l.order_id AND o.state = 'placed'
        LEFT JOIN copies c ON c.order_line_id = l.id GROUP BY l.id, l.quantity
        HAVING COUNT(c.id) <> l.quantity - (SELECT COUNT(*) FROM (SELECT p.copy_id FROM refund_parts p
        JOIN refunds r ON r.id = p.refund_id WHERE p.order_line_id = l.id AND p.fate IN ('put_back', 'withdrawn')
        AND r.state NOT IN ('proposed', 'declined')
        UNION SELECT m.copy_id FROM mishaps m WHERE m.order_line_id = l.id) gone)""",
    ),
    Invariant(
        "stock.line_owns_its_run",
        "an order line owns copies of its own run only",
        "SELECT c.id, l.id FROM copies c JOIN order_lines l ON l.id = c.order_line_id WHERE l.run_id <> c.run_id",
    ),
    Invariant(
        "stock.cancelled_owns_nothing",
        "a cancelled order owns no copies but those that staff have yet to decide about",
        """SELECT o.id, c.id FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN copies c ON c.order_line_id = l.id
        WHERE o.state = 'cancelled' AND NOT EXISTS (SELECT 1 FROM refund_parts p WHERE p.copy_id = c.id
        AND p.order_line_id = l.id AND p.fate = 'undecided')""",
    ),
    Invariant(
        "stock.one_live_hold",
        "a fan has at most one live hold in a drop",
        "SELECT MIN(id), fan FROM holds WHERE state IN ('active', 'closing') GROUP BY drop_id, fan HAVING COUNT(*) > 1",
    ),
)
LIMITS = (
    Invariant("limit.run_by_fan", "no cookie has more copies of a run than one fan may have", _PER_RUN.format(_BY_FAN)),
    Invariant("limit.drop_by_fan", "no cookie has more copies of a drop than one fan may have", _PER_DROP.format(_BY_FAN)),
    Invariant("limit.run_by_email", "under no e-mail more of a run was bought than one fan may", _PER_RUN.format(_BY_EMAIL)),
    Invariant(
        "limit.drop_by_email",
        "under no e-mail more of a drop was bought than one fan may",
        _PER_DROP.format(_BY_EMAIL),
    ),
)
