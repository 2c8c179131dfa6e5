"""Money that went back, the copies it stands for, and payments that a bank disputes."""

from app.invariants.kind import Invariant

_DONE = "r.state NOT IN ('proposed', 'declined')"
_OPEN = "d.state NOT IN ('warning_closed', 'won', 'prevented')"  # a lost one is never over: the money is gone

REFUNDS = (
    Invariant(
        "refunds.parts_add_up",
        "a refund is the sum of what it stands for",
        """SELECT r.id, r.amount FROM refunds r
        WHERE r.amount <> (SELECT COALESCE(SUM(p.amount), 0) FROM refund_parts p WHERE p.refund_id = r.id)""",
    ),
    Invariant(
        "refunds.within_captured",
        "Stripe gives no more of a payment back than was captured",
        """SELECT p.id, p.amount FROM payments p
        WHERE p.amount < (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r
        WHERE r.payment_id = p.id AND r.state IN ('pending', 'succeeded'))""",
    ),
    Invariant(
        "refunds.postage_was_paid",
        "no more postage goes back for an order than was paid for it",
        """SELECT o.id, o.postage_amount FROM orders o JOIN refunds r ON r.order_id = o.id JOIN refund_parts p ON p.refund_id = r.id
        WHERE p.kind = 'postage' AND r.state IN ('wanted', 'pending', 'succeeded', 'paid_otherwise')
        GROUP BY o.id, o.postage_amount HAVING SUM(p.amount) > o.postage_amount""",
    ),
    Invariant(
        "refunds.of_captured",
        "a refund is of captured money, in its currency and of its order",
        """SELECT r.id, p.id FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.state <> 'captured' OR r.currency <> p.currency OR COALESCE(r.order_id, 0) <> COALESCE(p.order_id, 0)""",
    ),
    Invariant(
        "refunds.of_its_copies",
        "a refund names copies of its own order's runs only",
        """SELECT p.id, c.id FROM refund_parts p JOIN refunds r ON r.id = p.refund_id JOIN order_lines l ON l.id = p.order_line_id
        JOIN copies c ON c.id = p.copy_id WHERE l.order_id <> r.order_id OR r.order_id IS NULL OR c.run_id <> l.run_id""",
    ),
    Invariant(
        "refunds.taken_back_is_not_owned",
        "a copy that was put back or withdrawn for a refund is no longer its order's",
        f"""SELECT p.id, c.id FROM refund_parts p JOIN refunds r ON r.id = p.refund_id JOIN copies c ON c.id = p.copy_id
        WHERE {_DONE} AND p.fate IN ('put_back', 'withdrawn') AND c.order_line_id = p.order_line_id""",
    ),
    Invariant(
        "refunds.undecided_is_cancelled",
        "only copies of a cancelled order wait for a decision",
        """SELECT p.id, o.id FROM refund_parts p JOIN refunds r ON r.id = p.refund_id JOIN orders o ON o.id = r.order_id
        WHERE p.fate = 'undecided' AND o.state <> 'cancelled'""",
    ),
    Invariant(
        "refunds.failed_has_reason",
        "a refund that fell through says why",
        "SELECT id, state FROM refunds WHERE state IN ('failed', 'cancelled', 'paid_otherwise') AND failure = ''",
    ),
)
DISPUTES = (
    Invariant(
        "disputes.of_captured",
        "a dispute is about captured money",
        """SELECT d.id, p.id FROM disputes d JOIN payments p ON p.id = d.payment_id
        WHERE p.state <> 'captured' OR d.currency <> p.currency""",
    ),
    Invariant(
        "disputes.not_shipped",
        "nothing leaves while its payment is known to be disputed, nor when the dispute was lost",
        f"""SELECT s.id, d.id FROM shipments s JOIN parcels a ON a.id = s.parcel_id JOIN payments p ON p.order_id = a.order_id
        JOIN disputes d ON d.payment_id = p.id
        WHERE s.sent_at >= :since AND s.sent_at > d.heard_at AND ({_OPEN} OR s.sent_at < d.closed_at)""",
    ),
    Invariant(
        "disputes.not_refunded",
        "no refund is begun here while its payment is known to be disputed",
        """SELECT r.id, d.id FROM refunds r JOIN disputes d ON d.payment_id = r.payment_id
        WHERE r.created_at >= :since AND r.origin <> 'dashboard' AND r.created_at > d.heard_at
        AND (d.closed_at IS NULL OR r.created_at < d.closed_at)""",
    ),
)
