"""Pre-orders: what stands is what was last said, and who may cancel was promised less."""

from app.invariants.kind import Invariant

PREORDERS = (
    Invariant(
        "preorders.has_making",
        "a run is a pre-order exactly when somebody has said how far it is",
        """SELECT r.id FROM runs r WHERE r.preorder <> EXISTS (SELECT 1 FROM makings m WHERE m.run_id = r.id)""",
    ),
    Invariant(
        "preorders.stands_as_said",
        "a pre-order stands where it was last said to stand",
        """SELECT m.run_id FROM makings m LEFT JOIN making_changes c ON c.id =
        (SELECT MAX(last.id) FROM making_changes last WHERE last.run_id = m.run_id)
        WHERE c.id IS NULL OR c.step <> m.step OR c.promised_on <> m.promised_on OR c.by_month <> m.by_month""",
    ),
    Invariant(
        "preorders.way_out_slipped",
        "whoever may cancel free has bought the run, and was promised an earlier time than was said since",
        """SELECT w.order_id, w.run_id FROM ways_out w JOIN making_changes c ON c.id = w.change_id
        WHERE c.run_id <> w.run_id OR c.promised_on <= w.promised_on
        OR NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = w.order_id AND l.run_id = w.run_id)""",
    ),
    Invariant(
        "preorders.way_out_taken",
        "who has cancelled free has no copy of the run any more",
        """SELECT w.order_id, w.run_id FROM ways_out w JOIN order_lines l ON l.order_id = w.order_id AND l.run_id = w.run_id
        JOIN copies c ON c.order_line_id = l.id WHERE w.taken_at IS NOT NULL""",
    ),
)
