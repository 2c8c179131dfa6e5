"""Copies that were sold and did not come: each has one outcome, and offers and copies agree."""

from app.invariants.kind import Invariant

SHORTFALLS = (
    Invariant(
        "shortfalls.open_is_owed",
        "while nobody has decided, a copy that did not come is its order's",
        """SELECT s.id, c.id FROM shortfalls s JOIN copies c ON c.id = s.copy_id WHERE s.closed_at IS NULL
        AND (c.state <> 'allocated' OR c.order_line_id <> s.order_line_id)""",
    ),
    Invariant(
        "shortfalls.one_outcome",
        "a copy that did not come has one outcome in its order, unless it came after all",
        """SELECT MIN(id), copy_id FROM shortfalls WHERE state <> 'came' GROUP BY copy_id, order_line_id HAVING COUNT(*) > 1""",
    ),
    Invariant(
        "shortfalls.outcome_is_gone",
        "a copy whose money went back, or for which there is another, is no longer its order's",
        """SELECT s.id, c.id FROM shortfalls s JOIN copies c ON c.id = s.copy_id
        WHERE s.state IN ('refunded', 'exchanged', 'replaced', 'left') AND c.order_line_id = s.order_line_id""",
    ),
    Invariant(
        "shortfalls.refunded_has_money",
        "money went back for each copy whose fan chose that, or said nothing where that was to happen",
        """SELECT s.id FROM shortfalls s WHERE s.state = 'refunded' AND NOT EXISTS (SELECT 1 FROM refund_parts p
        JOIN refunds r ON r.id = p.refund_id WHERE p.copy_id = s.copy_id AND p.order_line_id = s.order_line_id
        AND r.state NOT IN ('proposed', 'declined'))""",
    ),
    Invariant(
        "shortfalls.instead_was_theirs",
        "what stands for a copy is of the same run and went to the same order; as its next issue it has the same number",
        """SELECT s.id, n.id FROM shortfalls s JOIN copies c ON c.id = s.copy_id JOIN copies n ON n.id = s.instead_id
        WHERE n.run_id <> c.run_id OR (s.state = 'replaced' AND n.number <> c.number)
        OR NOT EXISTS (SELECT 1 FROM stock_movements m WHERE m.copy_id = n.id AND m.after = 'allocated'
        AND m.order_line_id = s.order_line_id)""",
    ),
    Invariant(
        "shortfalls.nothing_leaves_without_it",
        "no parcel is packed or sent while a copy of it is owed",
        """SELECT s.id, p.id FROM shortfalls s JOIN order_lines l ON l.id = s.order_line_id
        JOIN parcels p ON p.order_id = l.order_id WHERE s.closed_at IS NULL AND p.state IN ('packed', 'sent')""",
    ),
    Invariant(
        "shortfalls.told",
        "whose copy did not come is written to",
        """SELECT s.id, l.order_id FROM shortfalls s JOIN order_lines l ON l.id = s.order_line_id WHERE s.offered_at >= :since
        AND NOT EXISTS (SELECT 1 FROM outbox j WHERE j.once AND j.key IN (
        'mail.short:' || l.order_id || ':' || s.delivery_id || '-offer',
        'mail.short:' || l.order_id || ':' || s.delivery_id || '-replaced'))""",
    ),
    Invariant(
        "shortfalls.last_day_is_kept",
        "two hours after the last day nobody's answer is still awaited",
        """SELECT s.id FROM shortfalls s JOIN deliveries d ON d.id = s.delivery_id
        JOIN order_lines l ON l.id = s.order_line_id JOIN orders o ON o.id = l.order_id AND o.state = 'placed'
        WHERE s.state = 'offered' AND d.answer_by < :two_hours_ago""",
    ),
)
