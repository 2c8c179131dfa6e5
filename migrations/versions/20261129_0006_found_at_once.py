"""Movements are found by their order line, and by the hold that they ended; live holds by their network; a label's last orders.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SOLD = sa.text("after = 'allocated'")
_ENDED = sa.text("before = 'held'")
_LIVE = sa.text("state IN ('active', 'closing')")


def upgrade() -> None:
    op.create_index("ix_stock_movements_sold", "stock_movements", ["order_line_id"], sqlite_where=_SOLD, postgresql_where=_SOLD)
    op.create_index("ix_stock_movements_ended", "stock_movements", ["hold_id"], sqlite_where=_ENDED, postgresql_where=_ENDED)
    op.create_index("ix_orders_label_id", "orders", ["label_id", "id"])
    # Led by the drop, it was as good as the index of fans to a PostgreSQL without statistics, which then read all live holds.
    op.drop_index("ix_holds_drop_network", "holds")
    op.create_index("ix_holds_live_network", "holds", ["network"], sqlite_where=_LIVE, postgresql_where=_LIVE)


def downgrade() -> None:
    op.drop_index("ix_orders_label_id", "orders")
    op.drop_index("ix_holds_live_network", "holds")
    op.create_index("ix_holds_drop_network", "holds", ["drop_id", "network"], sqlite_where=_LIVE, postgresql_where=_LIVE)
    op.drop_index("ix_stock_movements_ended", "stock_movements")
    op.drop_index("ix_stock_movements_sold", "stock_movements")
