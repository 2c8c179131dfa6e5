"""What was asked, promised, taken and let go, and the deadlines of it."""

from app.invariants.kind import Invariant

TIME = (
    Invariant(
        "time.nothing_before_opening",
        "no fan held a copy before its drop opened",
        """SELECT m.id, m.at FROM stock_movements m JOIN holds h ON h.id = m.hold_id JOIN drops d ON d.id = h.drop_id
        WHERE m.after = 'held' AND m.at < d.opens_at AND m.at >= :since
        AND NOT EXISTS (SELECT 1 FROM desk_holds k WHERE k.hold_id = h.id)""",
    ),
    Invariant(
        "time.active_lapses",
        "no active hold is still there five minutes after its deadline",
        "SELECT id, expires_at FROM holds WHERE state = 'active' AND expires_at < :five_minutes_ago",
    ),
    Invariant(
        "time.closing_ends",
        "no closing hold is still there two hours after its deadline",
        "SELECT id, expires_at FROM holds WHERE state = 'closing' AND expires_at < :two_hours_ago",
    ),
    Invariant(
        "time.put_back_cannot_be_paid",
        "a hold that was put back has no attempt that may still be paid",
        """SELECT a.id, h.id FROM checkout_attempts a JOIN holds h ON h.id = a.hold_id
        WHERE h.state = 'put_back' AND a.state IN ('wanted', 'open', 'unknown')""",
    ),
    Invariant(
        "time.session_ends",
        "no attempt is open half an hour after its session ended",
        "SELECT id, session_expires_at FROM checkout_attempts WHERE state = 'open' AND session_expires_at < :half_hour_ago",
    ),
    Invariant(
        "time.event_heard",
        "what Stripe said was completed is settled within a quarter of an hour",
        """SELECT e.id, a.id FROM stripe_events e JOIN checkout_attempts a ON a.id = e.attempt_id
        WHERE e.type = 'checkout.session.completed' AND e.received_at < :quarter_ago
        AND a.state IN ('wanted', 'open', 'unknown')""",
    ),
)
MONEY = (
    Invariant(
        "money.total_adds_up",
        "an order's total is its lines and its postage",
        """SELECT o.id, o.total_amount FROM orders o WHERE o.total_amount <> o.lines_amount + o.postage_amount
        OR o.lines_amount <> (SELECT COALESCE(SUM(l.quantity * l.unit_amount), 0) FROM order_lines l WHERE l.order_id = o.id)""",
    ),
    Invariant(
        "money.paid_is_due",
        "the amount and currency of a payment are those of its order",
        """SELECT p.id, o.id FROM payments p JOIN orders o ON o.id = p.order_id
        WHERE p.amount <> o.total_amount OR p.currency <> o.currency""",
    ),
    Invariant(
        "money.asked_is_due",
        "the amount and currency asked of Stripe are those of the order",
        """SELECT a.id, o.id FROM checkout_attempts a JOIN orders o ON o.attempt_id = a.id
        WHERE a.amount <> o.total_amount OR a.currency <> o.currency""",
    ),
    Invariant(
        "money.same_attempt",
        "a payment and its order come from the same attempt, and that attempt from the order's hold",
        """SELECT p.id, o.id FROM payments p JOIN orders o ON o.id = p.order_id JOIN checkout_attempts a ON a.id = p.attempt_id
        WHERE o.attempt_id IS NULL OR o.attempt_id <> p.attempt_id OR a.hold_id <> o.hold_id""",
    ),
    Invariant(
        "money.order_has_payment",
        "an order that stands and costs something has a payment",
        """SELECT o.id FROM orders o WHERE o.state = 'placed' AND o.total_amount > 0
        AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id)""",
    ),
    Invariant(
        "money.captured_has_order",
        "captured money has an order that stands, or refunds for all that a bank has not taken",
        """SELECT p.id FROM payments p WHERE p.state = 'captured'
        AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = p.order_id AND o.state = 'placed')
        AND p.amount > (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r
            WHERE r.payment_id = p.id AND r.state NOT IN ('declined', 'repeated'))
        + (SELECT COALESCE(SUM(d.amount), 0) FROM disputes d WHERE d.payment_id = p.id AND d.state = 'lost')""",
    ),
    Invariant(
        "money.failed_is_cancelled",
        "when capturing failed the order is cancelled",
        """SELECT p.id, o.id FROM payments p JOIN orders o ON o.id = p.order_id
        WHERE p.state = 'capture_failed' AND o.state = 'placed'""",
    ),
    Invariant(
        "money.voided_has_no_order",
        "money that was let go has a reason, and no order that stands",
        """SELECT p.id FROM payments p LEFT JOIN orders o ON o.id = p.order_id
        WHERE p.state = 'voided' AND (p.void_reason IS NULL OR o.state = 'placed')""",
    ),
    Invariant(
        "money.authorised_ends",
        "no money stays authorised for longer than a quarter of an hour",
        "SELECT id, authorised_at FROM payments WHERE state = 'authorised' AND authorised_at < :quarter_ago",
    ),
    Invariant(
        "money.complete_has_payment",
        "an attempt is complete exactly when it brought a payment",
        """SELECT a.id, a.state FROM checkout_attempts a
        WHERE (a.state = 'complete') <> EXISTS (SELECT 1 FROM payments p WHERE p.attempt_id = a.id)""",
    ),
    Invariant(
        "money.one_pending_attempt",
        "a hold has at most one attempt that may be paid",
        """SELECT hold_id, COUNT(*) FROM checkout_attempts WHERE state IN ('wanted', 'open', 'unknown')
        GROUP BY hold_id HAVING COUNT(*) > 1""",
    ),
    Invariant(
        "money.fee_known_or_wanted",
        "what Stripe kept of captured money is known, or will be asked for, and not both",
        """SELECT p.id FROM payments p WHERE p.state = 'captured'
        AND EXISTS (SELECT 1 FROM payment_fees f WHERE f.payment_id = p.id AND f.dispute_id IS NULL)
        = EXISTS (SELECT 1 FROM fees_wanted w WHERE w.payment_id = p.id)""",
    ),
    Invariant(
        "money.fee_parts_within",
        "what of a fee falls on copies is never more than the fee",
        """SELECT f.id, f.amount FROM payment_fees f WHERE ABS(f.amount) <
        (SELECT COALESCE(SUM(ABS(x.amount)), 0) FROM fee_parts x WHERE x.fee_id = f.id)""",
    ),
)
