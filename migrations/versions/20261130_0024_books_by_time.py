"""Indexes by the time at which a line of the books counts, so that a month's need not look through the orders of all years.

Revision: 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_NOTHING_DUE = sa.text("total_amount = 0")


def upgrade() -> None:
    for table, at in (("payments", "ended_at"), ("refunds", "created_at")):
        op.create_index(f"ix_{table}_state_{at}", table, ["state", at])
        op.drop_index(f"ix_{table}_state", table)
    op.create_index("ix_payment_fees_at", "payment_fees", ["at", "id"])
    op.create_index("ix_disputes_state_closed_at", "disputes", ["state", "closed_at"])
    op.create_index(
        "ix_orders_nothing_due",
        "orders",
        ["label_id", "placed_at"],
        sqlite_where=_NOTHING_DUE,
        postgresql_where=_NOTHING_DUE,
    )


def downgrade() -> None:
    op.drop_index("ix_orders_nothing_due", "orders")
    op.drop_index("ix_disputes_state_closed_at", "disputes")
    op.drop_index("ix_payment_fees_at", "payment_fees")
    for table, at in (("payments", "ended_at"), ("refunds", "created_at")):
        op.create_index(f"ix_{table}_state", table, ["state"])
        op.drop_index(f"ix_{table}_state_{at}", table)
