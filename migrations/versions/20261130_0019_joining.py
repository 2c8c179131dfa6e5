"""Parcels that leave together, the postage that goes back for it, and who wants theirs on its own.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # What stands here already leaves as it was ordered; only orders to come join a parcel.
    op.add_column("parcels", sa.Column("alone", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("labels", sa.Column("joins_orders", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "joined_parcels",
        sa.Column("parcel_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("into_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("into_id <> parcel_id", name=op.f("ck_joined_parcels_another")),
        sa.ForeignKeyConstraint(["into_id"], ["parcels.id"], name=op.f("fk_joined_parcels_into_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcels.id"], name=op.f("fk_joined_parcels_parcel_id")),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_joined_parcels")),
    )
    op.create_index("ix_joined_parcels_into_id", "joined_parcels", ["into_id"])
    op.create_table(
        "shared_postage",
        sa.Column("order_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("refund_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shared_postage_order_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_shared_postage_refund_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_shared_postage")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_shared_postage_refund_id")),
    )


def downgrade() -> None:
    op.drop_table("shared_postage")
    op.drop_table("joined_parcels")
    op.drop_column("labels", "joins_orders")
    op.drop_column("parcels", "alone")
