"""What became of copies after their parcel had left, and the orders with which others are sent for them.

Revision: 0015, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    what = sa.Enum("came_back", "damaged", "lost", name="what", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "mishaps",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("order_line_id", _KEY, nullable=False),
        sa.Column("copy_id", _KEY, nullable=False),
        sa.Column("what", what, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("unit_amount", _KEY, nullable=False),
        sa.Column("again_order_id", _KEY, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unit_amount >= 0", name=op.f("ck_mishaps_unit_amount")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_mishaps_order_line_id")),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_mishaps_copy_id")),
        sa.ForeignKeyConstraint(["again_order_id"], ["orders.id"], name=op.f("fk_mishaps_again_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mishaps")),
        sa.UniqueConstraint("order_line_id", "copy_id", name=op.f("uq_mishaps_order_line_id_copy_id")),
    )
    op.create_index("ix_mishaps_copy_id", "mishaps", ["copy_id"])
    op.create_index("ix_mishaps_again_order_id", "mishaps", ["again_order_id"])


def downgrade() -> None:
    op.drop_table("mishaps")
