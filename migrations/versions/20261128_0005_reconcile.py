"""What differs from Stripe's own record, and order numbers that were lost.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lost_numbers",
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("number", _KEY, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_lost_numbers_label_id")),
        sa.PrimaryKeyConstraint("label_id", "number", name=op.f("pk_lost_numbers")),
    )
    op.create_table(
        "stripe_differences",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("todo", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", _KEY, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", _KEY, nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=False),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_how = '')", name=op.f("ck_stripe_differences_settled_says_how")),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_stripe_differences_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_differences")),
        sa.UniqueConstraint("kind", "about", name=op.f("uq_stripe_differences_kind_about")),
    )


def downgrade() -> None:
    op.drop_table("stripe_differences")
    op.drop_table("lost_numbers")
