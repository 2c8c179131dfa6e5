"""A higher limit of refunds waits for a second person: a row says what was, what is wanted, and who says yes.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_INT = _KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "limit_changes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("before", _INT, nullable=False),
        sa.Column("wanted", _INT, nullable=True),
        sa.Column("asked_by", _KEY, nullable=False),
        sa.Column("confirmed_by", _KEY, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("wanted IS NULL OR wanted > before", name=op.f("ck_limit_changes_higher")),
        sa.CheckConstraint("confirmed_by IS NULL OR ended_at IS NOT NULL", name=op.f("ck_limit_changes_confirmed_is_over")),
        sa.CheckConstraint("confirmed_by <> asked_by OR why <> ''", name=op.f("ck_limit_changes_alone_has_reason")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_limit_changes_asked_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_limit_changes_confirmed_by")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_limit_changes_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_limit_changes_waiting", "limit_changes", ["label_id"], unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING
    )


def downgrade() -> None:
    op.drop_table("limit_changes")
