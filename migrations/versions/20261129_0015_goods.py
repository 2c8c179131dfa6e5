"""What became of copies after their parcel had left, orders that send others for them, and counts of a shelf by scanning.

Revision: 0015, after 0014.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
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
    _counts()


def _counts() -> None:
    op.create_table(
        "stock_counts",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("since", _KEY, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by = '')", name=op.f("ck_stock_counts_closed_by")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_stock_counts_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_counts")),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_stock_counts_open", "stock_counts", ["run_id"], unique=True, sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_index("ix_stock_counts_run_id", "stock_counts", ["run_id"])
    kinds = ("found", "lost", "damaged", "promo", "mis_shipped", "other")
    what = sa.Enum(*kinds, name="what", native_enum=False, create_constraint=True, length=40)
    op.create_table("counted_copies", *_of_a_count("counted_copies"))
    op.create_table(
        "count_findings",
        sa.Column("what", what, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *_of_a_count("count_findings"),
    )


def _of_a_count(table: str) -> list[Any]:
    """What a row about one copy in one count has: the two, when, and by whom."""
    return [
        sa.Column("count_id", _KEY, nullable=False),
        sa.Column("copy_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["stock_counts.id"], name=op.f(f"fk_{table}_count_id")),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f(f"fk_{table}_copy_id")),
        sa.PrimaryKeyConstraint("count_id", "copy_id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    for table in ("count_findings", "counted_copies", "stock_counts", "mishaps"):
        op.drop_table(table)
