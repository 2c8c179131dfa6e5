"""Copies that were scanned into their parcels, and parcels locked for packing.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("parcels", sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "packed_copies",
        sa.Column("copy_id", _KEY, nullable=False),
        sa.Column("parcel_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_packed_copies_copy_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcels.id"], name=op.f("fk_packed_copies_parcel_id")),
        sa.PrimaryKeyConstraint("copy_id", name=op.f("pk_packed_copies")),
    )
    op.create_index("ix_packed_copies_parcel_id", "packed_copies", ["parcel_id"])
    op.execute("UPDATE parcels SET locked_at = created_at WHERE state = 'locked'")


def downgrade() -> None:
    op.drop_table("packed_copies")
    op.drop_column("parcels", "locked_at")
