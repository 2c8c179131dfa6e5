"""Pre-orders: how far a run has come and what is promised, with every change; ways out for fans; addresses asked about again.

Revision: 0020, after 0019.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STEPS = ("files_in", "test_press", "printed", "here", "packing")


def upgrade() -> None:
    """No run that exists is a pre-order, so none has a making; the default lets older code go on planning runs."""
    op.add_column("runs", sa.Column("preorder", sa.Boolean(), server_default=sa.false(), nullable=False))
    _makings()
    op.create_table(
        "ways_out",
        *_of_an_order("ways_out"),
        sa.Column("change_id", _KEY, nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("by_month", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["making_changes.id"], name=op.f("fk_ways_out_change_id")),
    )
    op.create_index("ix_ways_out_run_id", "ways_out", ["run_id"])
    op.create_table(
        "address_checks",
        *_of_an_order("address_checks"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", _one_of("answer", "right", "changed"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_address_checks_answered_when")),
    )
    op.create_index("ix_address_checks_run_id", "address_checks", ["run_id"])


def _makings() -> None:
    op.create_table(
        "makings",
        *_as_it_stands("makings"),
        sa.Column("weeks", _KEY, nullable=False),
        sa.Column("told_id", _KEY, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lock_on", sa.Date(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("weeks BETWEEN 1 AND 104", name=op.f("ck_makings_weeks")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_makings")),
    )
    op.create_table(
        "making_changes",
        sa.Column("id", _KEY, nullable=False),
        *_as_it_stands("making_changes"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("takes_back", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_making_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_making_changes_run_id", "making_changes", ["run_id", "id"])


def _as_it_stands(table: str) -> list[Any]:
    """A run, how far it has come, and what is promised."""
    return [
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("step", _one_of("step", *_STEPS), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("by_month", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f(f"fk_{table}_run_id"), ondelete="CASCADE"),
    ]


def _of_an_order(table: str) -> list[Any]:
    """An order and one of its runs, of which there is one row at most."""
    return [
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f(f"fk_{table}_order_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f(f"fk_{table}_run_id")),
        sa.PrimaryKeyConstraint("order_id", "run_id", name=op.f(f"pk_{table}")),
    ]


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    for table in ("address_checks", "ways_out", "making_changes", "makings"):
        op.drop_table(table)
    op.drop_column("runs", "preorder")
