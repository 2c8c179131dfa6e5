"""Discount codes: what they took off, whose they are, and that none is used more often than its label allows."""

from app.invariants.kind import Invariant

_USED = "SELECT u.code_id, o.hold_id FROM order_codes u JOIN orders o ON o.id = u.order_id WHERE o.state = 'placed' AND NOT o.late"
_PAYING = """SELECT u.code_id, u.hold_id FROM hold_codes u WHERE EXISTS (SELECT 1 FROM checkout_attempts a
    WHERE a.hold_id = u.hold_id AND a.state IN ('wanted', 'open', 'unknown'))"""

DISCOUNTS = (
    Invariant(
        "discounts.order_says_why",
        "an order has a code exactly when something was taken off it",
        """SELECT o.id FROM orders o LEFT JOIN order_codes u ON u.order_id = o.id
        WHERE (u.order_id IS NOT NULL) <> (COALESCE(u.postage_off, 0) > 0 OR EXISTS (SELECT 1 FROM line_discounts d
            JOIN order_lines l ON l.id = d.order_line_id WHERE l.order_id = o.id))""",
    ),
    Invariant(
        "discounts.own_label",
        "the code of a hold or an order belongs to its label",
        """SELECT o.id, c.id FROM order_codes u JOIN orders o ON o.id = u.order_id JOIN discount_codes c ON c.id = u.code_id
        WHERE c.label_id <> o.label_id
        UNION ALL SELECT u.hold_id, c.id FROM hold_codes u JOIN holds h ON h.id = u.hold_id JOIN drops d ON d.id = h.drop_id
        JOIN discount_codes c ON c.id = u.code_id WHERE c.label_id <> d.label_id""",
    ),
    Invariant(
        "discounts.not_over_used",
        "no code is used more often than its label allows, save by money that came late",
        f"""SELECT c.id, COUNT(*) FROM ({_USED} UNION {_PAYING}) x JOIN discount_codes c ON c.id = x.code_id
        GROUP BY c.id, c.most_uses HAVING COUNT(*) > c.most_uses""",
    ),
    Invariant(
        "discounts.once_per_fan",
        "no e-mail address uses a code twice that is for once, save by money that came late",
        f"""SELECT c.id, h.email_key, COUNT(*) FROM ({_USED} UNION {_PAYING}) x JOIN discount_codes c ON c.id = x.code_id
        JOIN holds h ON h.id = x.hold_id WHERE c.once_per_fan AND h.email_key <> ''
        GROUP BY c.id, h.email_key HAVING COUNT(*) > 1""",
    ),
)
