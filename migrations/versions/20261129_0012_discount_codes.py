"""Discount codes, the runs that they are for, and what they took off orders and their lines.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KIND = sa.Enum("percent", "amount", "postage", name="kind", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "discount_codes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", _KIND, nullable=False),
        sa.Column("value", _KEY, nullable=False),
        sa.Column("every_run", sa.Boolean(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("most_uses", _KEY, nullable=True),
        sa.Column("once_per_fan", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'postage') = (value = 0) AND value >= 0", name=op.f("ck_discount_codes_value")),
        sa.CheckConstraint("kind <> 'percent' OR value <= 100", name=op.f("ck_discount_codes_percent")),
        sa.CheckConstraint("most_uses > 0", name=op.f("ck_discount_codes_most_uses")),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_discount_codes_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_discount_codes_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("label_id", "code", name=op.f("uq_discount_codes_label_id_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "discount_runs",
        sa.Column("code_id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["discount_codes.id"], name=op.f("fk_discount_runs_code_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_discount_runs_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_id", "run_id", name=op.f("pk_discount_runs")),
    )
    op.create_index("ix_discount_runs_run_id", "discount_runs", ["run_id"])
    op.create_table(
        "hold_codes",
        sa.Column("hold_id", _KEY, nullable=False),
        sa.Column("code_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["discount_codes.id"], name=op.f("fk_hold_codes_code_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_hold_codes_hold_id")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_hold_codes")),
    )
    op.create_index("ix_hold_codes_code_id", "hold_codes", ["code_id"])
    op.create_table(
        "order_codes",
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("code_id", _KEY, nullable=False),
        sa.Column("postage_off", _KEY, nullable=False),
        sa.CheckConstraint("postage_off >= 0", name=op.f("ck_order_codes_postage_off")),
        sa.ForeignKeyConstraint(["code_id"], ["discount_codes.id"], name=op.f("fk_order_codes_code_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_codes_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_codes")),
    )
    op.create_index("ix_order_codes_code_id", "order_codes", ["code_id"])
    op.create_table(
        "line_discounts",
        sa.Column("order_line_id", _KEY, nullable=False),
        sa.Column("off", _KEY, nullable=False),
        sa.CheckConstraint("off > 0", name=op.f("ck_line_discounts_off")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_line_discounts_order_line_id")),
        sa.PrimaryKeyConstraint("order_line_id", name=op.f("pk_line_discounts")),
    )


def downgrade() -> None:
    for name in ("line_discounts", "order_codes", "hold_codes", "discount_runs", "discount_codes"):
        op.drop_table(name)
