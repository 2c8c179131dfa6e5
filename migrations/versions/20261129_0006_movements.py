"""Movements are found by their order line, and by the hold that they ended.

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


def upgrade() -> None:
    op.create_index("ix_stock_movements_sold", "stock_movements", ["order_line_id"], sqlite_where=_SOLD, postgresql_where=_SOLD)
    op.create_index("ix_stock_movements_ended", "stock_movements", ["hold_id"], sqlite_where=_ENDED, postgresql_where=_ENDED)


def downgrade() -> None:
    op.drop_index("ix_stock_movements_ended", "stock_movements")
    op.drop_index("ix_stock_movements_sold", "stock_movements")
