"""A drop that is stopped says why, changes in a drop's last hour wait for a second person, staff hold copies for somebody.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_WAITING = sa.text("state = 'waiting'")
_STATES = ("waiting", "applied", "taken_back", "lapsed")


def upgrade() -> None:
    op.add_column("drops", sa.Column("close_reason", sa.Text(), nullable=True))
    op.create_table(
        "drop_changes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("drop_id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=True),
        sa.Column("before", _JSON, nullable=False),
        sa.Column("wanted", _JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Enum(*_STATES, name="state", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("asked_by", _KEY, nullable=False),
        sa.Column("confirmed_by", _KEY, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_drop_changes_reason")),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_drop_changes_ended_when_decided")),
        sa.CheckConstraint("(state = 'applied') = (confirmed_by IS NOT NULL)", name=op.f("ck_drop_changes_applied_is_confirmed")),
        sa.CheckConstraint("confirmed_by <> asked_by OR why <> ''", name=op.f("ck_drop_changes_alone_has_reason")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_drop_changes_asked_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_drop_changes_confirmed_by")),
        sa.ForeignKeyConstraint(["drop_id"], ["drops.id"], name=op.f("fk_drop_changes_drop_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_drop_changes_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drop_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_drop_changes_waiting", "drop_changes", ["drop_id"], unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_table(
        "desk_holds",
        sa.Column("hold_id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("for_whom", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("for_whom <> '' AND reason <> ''", name=op.f("ck_desk_holds_says_why")),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_desk_holds_hold_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_desk_holds_staff_id")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_desk_holds")),
    )


def downgrade() -> None:
    op.drop_table("desk_holds")
    op.drop_table("drop_changes")
    op.drop_column("drops", "close_reason")
