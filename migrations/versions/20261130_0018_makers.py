"""What Stripe kept of each payment; who has a share in what is sold, what runs cost, what was paid out; whose a difference is.

Revision: 0018, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _fees()
    _makers()
    _costs()
    _differences()
    op.execute("INSERT INTO fees_wanted (payment_id, asked_at, tries) SELECT id, NULL, 0 FROM payments WHERE state = 'captured'")


def _differences() -> None:
    """A difference that names one of our payments is its label's; where there is one label, it is that one's in any case."""
    op.add_column("stripe_differences", sa.Column("label_id", _KEY, nullable=True))
    op.execute(
        """UPDATE stripe_differences SET label_id = (
            SELECT d.label_id FROM payments p JOIN checkout_attempts a ON a.id = p.attempt_id
            JOIN holds h ON h.id = a.hold_id JOIN drops d ON d.id = h.drop_id WHERE p.intent_id = stripe_differences.about
        )"""
    )
    op.execute(
        """UPDATE stripe_differences SET label_id = (SELECT MIN(id) FROM labels)
        WHERE label_id IS NULL AND (SELECT COUNT(*) FROM labels) = 1"""
    )


def _fees() -> None:
    op.create_table(
        "payment_fees",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("payment_id", _KEY, nullable=False),
        sa.Column("dispute_id", _KEY, nullable=True),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("amount", _KEY, nullable=False),
        sa.Column("kept", _KEY, nullable=False),
        sa.Column("kept_currency", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("noted_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_fees_payment_id")),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_payment_fees_dispute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_fees")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_payment_fees_stripe_id")),
    )
    op.create_index("ix_payment_fees_payment_id", "payment_fees", ["payment_id"])
    op.create_index("ix_payment_fees_dispute_id", "payment_fees", ["dispute_id"])
    op.create_table(
        "fee_parts",
        sa.Column("fee_id", _KEY, nullable=False),
        sa.Column("order_line_id", _KEY, nullable=False),
        sa.Column("amount", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["fee_id"], ["payment_fees.id"], name=op.f("fk_fee_parts_fee_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_fee_parts_order_line_id")),
        sa.PrimaryKeyConstraint("fee_id", "order_line_id", name=op.f("pk_fee_parts")),
    )
    op.create_index("ix_fee_parts_order_line_id", "fee_parts", ["order_line_id"])
    op.create_table(
        "fees_wanted",
        sa.Column("payment_id", _KEY, nullable=False),
        sa.Column("asked_at", _AT, nullable=True),
        sa.Column("tries", _KEY, nullable=False),
        sa.CheckConstraint("(asked_at IS NULL) = (tries = 0)", name=op.f("ck_fees_wanted_tries")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_fees_wanted_payment_id")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_fees_wanted")),
    )


def _makers() -> None:
    op.create_table(
        "makers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("artist_id", _KEY, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_makers_name")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_makers_label_id")),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_makers_artist_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_makers")),
        sa.UniqueConstraint("label_id", "name", name=op.f("uq_makers_label_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_makers_artist_id", "makers", ["artist_id"])
    op.create_table(
        "maker_shares",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("maker_id", _KEY, nullable=False),
        sa.Column("release_id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=True),
        sa.Column("basis_points", _KEY, nullable=False),
        sa.Column("costs_first", sa.Boolean(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("noted_at", _AT, nullable=False),
        sa.Column("noted_by", _KEY, nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name=op.f("ck_maker_shares_basis_points")),
        sa.ForeignKeyConstraint(["maker_id"], ["makers.id"], name=op.f("fk_maker_shares_maker_id")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_maker_shares_release_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_maker_shares_run_id")),
        sa.ForeignKeyConstraint(["noted_by"], ["staff.id"], name=op.f("fk_maker_shares_noted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maker_shares")),
    )
    for name in ("maker_id", "release_id", "run_id"):
        op.create_index(f"ix_maker_shares_{name}", "maker_shares", [name])


def _costs() -> None:
    kind = sa.Enum("pressing", "mastering", "art", "other", name="kind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "run_costs",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("amount", _KEY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        *_noted("run_costs"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_costs_run_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_costs_run_id", "run_costs", ["run_id"])
    op.create_table(
        "payouts",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("maker_id", _KEY, nullable=False),
        sa.Column("amount", _KEY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        *_noted("payouts"),
        sa.ForeignKeyConstraint(["maker_id"], ["makers.id"], name=op.f("fk_payouts_maker_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_payouts_maker_id", "payouts", ["maker_id"])


def _noted(table: str) -> list[sa.schema.SchemaItem]:
    """When and by whom an amount was entered, and when it was struck out."""
    return [
        sa.Column("noted_at", _AT, nullable=False),
        sa.Column("noted_by", _KEY, nullable=False),
        sa.Column("struck_at", _AT, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f(f"ck_{table}_amount")),
        sa.ForeignKeyConstraint(["noted_by"], ["staff.id"], name=op.f(f"fk_{table}_noted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.drop_column("stripe_differences", "label_id")
    for table in ("payouts", "run_costs", "maker_shares", "makers", "fees_wanted", "fee_parts", "payment_fees"):
        op.drop_table(table)
