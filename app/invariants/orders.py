"""Orders, their parcels, and the letters about them."""

from app.invariants.kind import Invariant

_PAID = "(o.total_amount = 0 OR EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.state = 'captured'))"

ORDERS = (
    Invariant(
        "orders.no_gap",
        "a label's order numbers run from 1 without a gap, but for those noted as lost, and none is given twice",
        """SELECT label_id, MAX(number) FROM (SELECT label_id, number FROM orders
        UNION ALL SELECT label_id, number FROM lost_numbers) given
        GROUP BY label_id HAVING MIN(number) <> 1 OR COUNT(*) <> MAX(number)""",
    ),
    Invariant(
        "orders.counted",
        "the counter is not behind the highest order number",
        """SELECT o.label_id, MAX(o.number) FROM orders o LEFT JOIN order_counters c ON c.label_id = o.label_id
        GROUP BY o.label_id, c.last HAVING MAX(o.number) > COALESCE(c.last, 0)""",
    ),
    Invariant(
        "orders.one_per_hold",
        "a hold makes at most one order",
        "SELECT hold_id, COUNT(*) FROM orders GROUP BY hold_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "orders.one_payment",
        "an order has at most one payment",
        "SELECT order_id, COUNT(*) FROM payments WHERE order_id IS NOT NULL GROUP BY order_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "orders.hold_is_spent",
        "a hold is spent exactly when it has an order",
        """SELECT h.id, h.state FROM holds h
        WHERE (h.state = 'spent') <> EXISTS (SELECT 1 FROM orders o WHERE o.hold_id = h.id)""",
    ),
    Invariant(
        "orders.has_lines",
        "an order has at least one line",
        "SELECT o.id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id)",
    ),
)
PARCELS = (
    Invariant(
        "parcels.one_per_order",
        "an order has exactly one parcel",
        """SELECT o.id, COUNT(p.id) FROM orders o LEFT JOIN parcels p ON p.order_id = o.id
        GROUP BY o.id HAVING COUNT(p.id) <> 1""",
    ),
    Invariant(
        "parcels.sent_has_shipment",
        "a parcel is sent exactly when it has a shipment",
        """SELECT p.id, p.state FROM parcels p
        WHERE (p.state = 'sent') <> EXISTS (SELECT 1 FROM shipments s WHERE s.parcel_id = p.id)""",
    ),
    Invariant(
        "parcels.shipped_together",
        "copies are shipped exactly when their parcel is sent",
        """SELECT c.id, p.id FROM copies c JOIN order_lines l ON l.id = c.order_line_id JOIN parcels p ON p.order_id = l.order_id
        WHERE (c.state = 'shipped') <> (p.state = 'sent')""",
    ),
    Invariant(
        "parcels.paid_first",
        "nothing is packed or sent before it is paid, nor for a cancelled order",
        f"""SELECT p.id, o.id FROM parcels p JOIN orders o ON o.id = p.order_id
        WHERE p.state IN ('packed', 'sent') AND NOT (o.state = 'placed' AND {_PAID})""",
    ),
    Invariant(
        "parcels.joined_are_one",
        "parcels that joined another are as far as it is, and that one has joined none",
        """SELECT j.parcel_id, j.into_id FROM joined_parcels j
        JOIN parcels a ON a.id = j.parcel_id JOIN parcels b ON b.id = j.into_id
        WHERE a.state <> b.state OR EXISTS (SELECT 1 FROM joined_parcels k WHERE k.parcel_id = j.into_id)""",
    ),
    Invariant(
        "parcels.joined_by_one_fan",
        "orders that will leave together stand, are of one label and one fan, in one currency, and go to one country",
        """SELECT j.parcel_id, j.into_id FROM joined_parcels j
        JOIN parcels a ON a.id = j.parcel_id JOIN orders x ON x.id = a.order_id
        JOIN parcels b ON b.id = j.into_id JOIN orders y ON y.id = b.order_id
        WHERE a.state <> 'sent' AND (x.state <> 'placed' OR y.state <> 'placed' OR x.label_id <> y.label_id
        OR x.email_key <> y.email_key OR x.currency <> y.currency OR x.country <> y.country)""",
    ),
    Invariant(
        "parcels.postage_of_its_order",
        "postage that went back because orders leave together is that order's own",
        """SELECT s.order_id, r.id FROM shared_postage s JOIN refunds r ON r.id = s.refund_id
        WHERE r.order_id IS NULL OR r.order_id <> s.order_id""",
    ),
)
MISHAPS = (
    Invariant(
        "mishaps.copy_is_gone",
        "a copy that came back or was lost is no longer its order's",
        "SELECT m.id, c.id FROM mishaps m JOIN copies c ON c.id = m.copy_id WHERE c.order_line_id = m.order_line_id",
    ),
    Invariant(
        "mishaps.parcel_had_left",
        "a copy comes back, or is lost, only from a parcel that has left",
        """SELECT m.id, p.id FROM mishaps m JOIN order_lines l ON l.id = m.order_line_id JOIN parcels p ON p.order_id = l.order_id
        WHERE p.state <> 'sent'""",
    ),
    Invariant(
        "mishaps.one_for_one",
        "an order that sends copies again costs nothing, and has as many of each run as it makes good",
        """SELECT o.id, l.id FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE EXISTS (SELECT 1 FROM mishaps m WHERE m.again_order_id = o.id) AND (o.total_amount <> 0 OR l.quantity <>
        (SELECT COUNT(*) FROM mishaps m JOIN order_lines b ON b.id = m.order_line_id
        WHERE m.again_order_id = o.id AND b.run_id = l.run_id))""",
    ),
)
COUNTS = (
    Invariant(
        "counts.closed_is_over",
        "nothing is scanned or named in a count that is closed",
        """SELECT c.id, x.copy_id FROM stock_counts c JOIN (SELECT count_id, copy_id, at FROM counted_copies
        UNION ALL SELECT count_id, copy_id, at FROM count_findings) x ON x.count_id = c.id WHERE x.at > c.closed_at""",
    ),
    Invariant(
        "counts.of_its_run",
        "a count has copies of its own run only",
        """SELECT c.id, x.copy_id FROM stock_counts c JOIN (SELECT count_id, copy_id FROM counted_copies
        UNION ALL SELECT count_id, copy_id FROM count_findings) x ON x.count_id = c.id
        JOIN copies p ON p.id = x.copy_id WHERE p.run_id <> c.run_id""",
    ),
)
JOBS = (
    Invariant(
        "jobs.confirmed_once",
        "an order that is paid has exactly one confirmation mail",
        f"""SELECT o.id FROM orders o WHERE o.placed_at >= :since AND o.state = 'placed' AND {_PAID}
        AND (SELECT COUNT(*) FROM outbox j WHERE j.once AND j.key = 'mail.confirmed:' || o.id) <> 1""",
    ),
    Invariant(
        "jobs.shipped_once",
        "a parcel that left has exactly one mail, however many orders were in it",
        """SELECT s.id FROM shipments s LEFT JOIN joined_parcels p ON p.parcel_id = s.parcel_id WHERE s.sent_at >= :since
        AND (SELECT COUNT(*) FROM outbox j WHERE j.once AND j.key = 'mail.shipped:' || s.id)
        <> CASE WHEN p.parcel_id IS NULL THEN 1 ELSE 0 END""",
    ),
    Invariant(
        "jobs.not_charged_once",
        "who was not charged after all is told exactly once",
        """SELECT p.id FROM payments p WHERE p.authorised_at >= :since
        AND (p.state = 'capture_failed' OR (p.state = 'voided' AND p.order_id IS NULL))
        AND (SELECT COUNT(*) FROM outbox j WHERE j.once AND j.key = 'mail.not_charged:' || p.id) <> 1""",
    ),
    Invariant(
        "jobs.cancelled_once",
        "a cancelled order has exactly one mail that says so, once it is clear what becomes of its money",
        """SELECT o.id FROM orders o LEFT JOIN payments p ON p.order_id = o.id
        WHERE o.cancelled_at >= :since AND (p.id IS NULL OR p.state IN ('captured', 'voided'))
        AND (SELECT COUNT(*) FROM outbox j WHERE j.once AND j.key = 'mail.cancelled:' || o.id) <> 1""",
    ),
    Invariant(
        "jobs.refunded_once",
        "a refund that Stripe has accepted has exactly one mail",
        """SELECT r.id FROM refunds r WHERE r.created_at >= :since AND r.state IN ('pending', 'succeeded')
        AND (SELECT COUNT(*) FROM outbox j WHERE j.once AND j.key = 'mail.refunded:' || r.id) <> 1""",
    ),
    Invariant(
        "jobs.not_stuck",
        "no job is overdue by half an hour, and no lease by five minutes",
        """SELECT id, kind FROM outbox WHERE (state = 'waiting' AND run_at < :half_hour_ago)
        OR (state = 'leased' AND lease_until < :five_minutes_ago)""",
    ),
    Invariant(
        "jobs.dead_has_reason",
        "a job that was given up says why",
        "SELECT id, kind FROM outbox WHERE state = 'dead' AND (last_error IS NULL OR last_error = '')",
    ),
    Invariant(
        "jobs.leased_has_owner",
        "a job has an owner and an end of lease exactly while it is leased",
        """SELECT id, state FROM outbox
        WHERE (state = 'leased') <> (lease_owner IS NOT NULL) OR (state = 'leased') <> (lease_until IS NOT NULL)""",
    ),
)
