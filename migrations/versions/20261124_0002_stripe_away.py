"""Times in which Stripe was away, the minutes that holds were given for waiting, and an index for the line to the payment page.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_RUNNING = sa.text("ended_at IS NULL")
_IN_LINE = sa.text("state = 'wanted' AND sent_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "stripe_outages",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("stripe_account", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_outages")),
    )
    op.create_index(
        "uq_stripe_outages_running",
        "stripe_outages",
        ["stripe_account"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.create_index("ix_checkout_attempts_line", "checkout_attempts", ["id"], sqlite_where=_IN_LINE, postgresql_where=_IN_LINE)
    op.create_table(
        "hold_freezes",
        sa.Column("hold_id", _KEY, nullable=False),
        sa.Column("minutes", _KEY, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 0 AND 10", name=op.f("ck_hold_freezes_minutes")),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_hold_freezes_hold_id")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_hold_freezes")),
    )


def downgrade() -> None:
    op.drop_table("hold_freezes")
    op.drop_index("ix_checkout_attempts_line", "checkout_attempts")
    op.drop_table("stripe_outages")
