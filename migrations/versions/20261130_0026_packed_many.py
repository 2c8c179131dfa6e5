"""Marking many parcels as packed is a deed on many orders like the others, so that it can be undone; each notes when it was done.

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)
_OLD, _NEW = ("lock", "tag", "untag", "confirm"), ("lock", "tag", "untag", "confirm", "pack")


def upgrade() -> None:
    _verbs(_NEW)
    op.add_column("bulk_orders", sa.Column("done_at", _AT, nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM bulk_orders WHERE bulk_id IN (SELECT id FROM bulk_deeds WHERE verb = 'pack')")
    op.execute("DELETE FROM bulk_deeds WHERE verb = 'pack'")
    op.drop_column("bulk_orders", "done_at")
    _verbs(_OLD)


def _verbs(names: tuple[str, ...]) -> None:
    """Swap the check of what may be done. SQLite cannot, so there the table and the one that points at it are made anew."""
    listed = ", ".join(f"'{name}'" for name in names)
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_bulk_deeds_verb"), "bulk_deeds", type_="check")
        op.create_check_constraint(op.f("ck_bulk_deeds_verb"), "bulk_deeds", f"verb IN ({listed})")
        return
    op.execute("CREATE TEMPORARY TABLE kept_deeds AS SELECT id, staff_id, verb, tag_id, at, undo_at FROM bulk_deeds")
    op.execute("CREATE TEMPORARY TABLE kept_orders AS SELECT bulk_id, order_id, state, why FROM bulk_orders")
    op.execute("CREATE TEMPORARY TABLE kept_last AS SELECT name, seq FROM sqlite_sequence WHERE name = 'bulk_deeds'")
    op.drop_table("bulk_orders")
    op.drop_table("bulk_deeds")
    _tables(listed)
    op.execute("INSERT INTO bulk_deeds (id, staff_id, verb, tag_id, at, undo_at) SELECT * FROM kept_deeds")
    op.execute("INSERT INTO bulk_orders (bulk_id, order_id, state, why) SELECT * FROM kept_orders")
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'bulk_deeds'")
    op.execute("INSERT INTO sqlite_sequence (name, seq) SELECT name, seq FROM kept_last")  # no id is given out twice
    for kept in ("kept_deeds", "kept_orders", "kept_last"):
        op.execute(f"DROP TABLE {kept}")


def _tables(listed: str) -> None:
    op.create_table(
        "bulk_deeds",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("tag_id", _KEY, nullable=True),
        sa.Column("at", _AT, nullable=False),
        sa.Column("undo_at", _AT, nullable=True),
        sa.CheckConstraint(f"verb IN ({listed})", name=op.f("ck_bulk_deeds_verb")),
        sa.CheckConstraint("(verb IN ('tag', 'untag')) = (tag_id IS NOT NULL)", name=op.f("ck_bulk_deeds_tag")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_bulk_deeds_staff_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_bulk_deeds_tag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_deeds")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bulk_orders",
        sa.Column("bulk_id", _KEY, nullable=False),
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused', 'undone', 'kept')", name=op.f("ck_bulk_orders_state")),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk_deeds.id"], name=op.f("fk_bulk_orders_bulk_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_bulk_orders_order_id")),
        sa.PrimaryKeyConstraint("bulk_id", "order_id", name=op.f("pk_bulk_orders")),
    )
