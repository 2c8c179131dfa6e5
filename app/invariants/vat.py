"""What orders were taxed, what was corrected of it, and the numbers of invoices and credit notes."""

from app.invariants.kind import Invariant

_COUNTS = "r.state IN ('wanted', 'pending', 'succeeded', 'paid_otherwise')"

VAT = (
    Invariant(
        "vat.lines_add_up",
        "what a line was taxed adds up to what was paid for it",
        """SELECT l.id, l.order_id FROM order_lines l LEFT JOIN order_taxes t ON t.order_line_id = l.id
        WHERE t.id IS NULL OR t.order_id <> l.order_id OR t.net + t.tax <> l.quantity * l.unit_amount""",
    ),
    Invariant(
        "vat.postage_adds_up",
        "what the postage of an order was taxed adds up to what was paid for it",
        """SELECT o.id, o.postage_amount FROM orders o LEFT JOIN order_taxes t ON t.order_id = o.id AND t.order_line_id IS NULL
        GROUP BY o.id, o.postage_amount HAVING COALESCE(SUM(t.net + t.tax), 0) <> o.postage_amount""",
    ),
    Invariant(
        "vat.refunds_correct",
        "a refund takes off an order's taxes exactly what goes back",
        f"""SELECT r.id, r.amount FROM refunds r WHERE {_COUNTS}
        AND EXISTS (SELECT 1 FROM order_taxes t WHERE t.order_id = r.order_id AND t.taxed_as <> 'unsaid' AND t.net + t.tax > 0)
        AND r.amount <> (SELECT COALESCE(SUM(c.net + c.tax), 0) FROM tax_corrections c WHERE c.refund_id = r.id)""",
    ),
    Invariant(
        "vat.corrects_its_order",
        "a refund corrects what its own order was taxed",
        """SELECT c.id, r.id FROM tax_corrections c JOIN order_taxes t ON t.id = c.order_tax_id
        JOIN refunds r ON r.id = c.refund_id WHERE r.order_id IS NULL OR r.order_id <> t.order_id""",
    ),
    Invariant(
        "vat.invoices_no_gap",
        "a label's invoices, and its credit notes, are numbered from 1 without a gap, and the counter is at the last",
        """SELECT c.label_id, c.kind, c.last FROM invoice_counters c
        LEFT JOIN invoices i ON i.label_id = c.label_id AND i.kind = c.kind GROUP BY c.label_id, c.kind, c.last
        HAVING COUNT(i.id) <> c.last OR COALESCE(MAX(i.number), 0) <> c.last OR COALESCE(MIN(i.number), 1) <> 1
        UNION ALL SELECT i.label_id, i.kind, i.number FROM invoices i WHERE NOT EXISTS
        (SELECT 1 FROM invoice_counters c WHERE c.label_id = i.label_id AND c.kind = i.kind)""",
    ),
    Invariant(
        "vat.invoice_is_the_total",
        "an invoice is of its order's label and total, and credit notes come to no more",
        """SELECT o.id, o.total_amount FROM orders o JOIN invoices i ON i.order_id = o.id
        GROUP BY o.id, o.label_id, o.total_amount
        HAVING SUM(CASE WHEN i.kind = 'invoice' THEN i.total ELSE 0 END) <> o.total_amount
        OR SUM(CASE WHEN i.kind = 'credit_note' THEN i.total ELSE 0 END) > o.total_amount
        OR MIN(i.label_id) <> o.label_id OR MAX(i.label_id) <> o.label_id""",
    ),
)
