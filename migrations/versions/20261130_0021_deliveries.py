"""What came from the plant, and what becomes of each sold copy that did not.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)
_STATES = ("offered", "refunding", "waits", "refunded", "exchanged", "replaced", "came", "left")


def upgrade() -> None:
    unanswered = sa.Enum("refund", "wait", name="unanswered", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "deliveries",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("came", _KEY, nullable=False),
        sa.Column("expected", _KEY, nullable=False),
        sa.Column("by_number", sa.Boolean(), nullable=False),
        sa.Column("unanswered", unanswered, nullable=False),
        sa.Column("answer_by", _AT, nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("came >= 0 AND came < expected", name=op.f("ck_deliveries_came")),
        sa.CheckConstraint("answer_by > at", name=op.f("ck_deliveries_answer_by")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_deliveries_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_run_id", "deliveries", ["run_id"])
    _shortfalls()


def _shortfalls() -> None:
    state = sa.Enum(*_STATES, name="state", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "shortfalls",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("delivery_id", _KEY, nullable=False),
        sa.Column("copy_id", _KEY, nullable=False),
        sa.Column("order_line_id", _KEY, nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("offered_at", _AT, nullable=False),
        sa.Column("reminded_at", _AT, nullable=True),
        sa.Column("answered_at", _AT, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("due_at", _AT, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("closed_at", _AT, nullable=True),
        sa.Column("refund_id", _KEY, nullable=True),
        sa.Column("instead_id", _KEY, nullable=True),
        sa.CheckConstraint("(state IN ('offered', 'refunding', 'waits')) = (closed_at IS NULL)", name=op.f("ck_shortfalls_open")),
        sa.CheckConstraint("(state = 'refunding') = (due_at IS NOT NULL)", name=op.f("ck_shortfalls_due")),
        sa.CheckConstraint("(state IN ('exchanged', 'replaced')) = (instead_id IS NOT NULL)", name=op.f("ck_shortfalls_instead")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_shortfalls_delivery_id")),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_shortfalls_copy_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_shortfalls_order_line_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_shortfalls_refund_id")),
        sa.ForeignKeyConstraint(["instead_id"], ["copies.id"], name=op.f("fk_shortfalls_instead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortfalls")),
        sqlite_autoincrement=True,
    )
    still_open = sa.text("closed_at IS NULL")
    for name, column, unique in (("uq_shortfalls_open", "copy_id", True), ("ix_shortfalls_open_line", "order_line_id", False)):
        op.create_index(name, "shortfalls", [column], unique=unique, sqlite_where=still_open, postgresql_where=still_open)
    for column in ("order_line_id", "delivery_id", "instead_id"):
        op.create_index(f"ix_shortfalls_{column}", "shortfalls", [column])


def downgrade() -> None:
    op.drop_table("shortfalls")
    op.drop_table("deliveries")
