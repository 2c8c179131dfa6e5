"""Notes and tags of orders, saved views of their list, and deeds done to many of them.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _notes_and_tags()
    _views()
    _bulk()


def downgrade() -> None:
    for table in ("bulk_orders", "bulk_deeds", "saved_views", "tagged_orders", "tags", "order_notes"):
        op.drop_table(table)


def _notes_and_tags() -> None:
    op.create_table(
        "order_notes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("on_slip", sa.Boolean(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_order_notes_text")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_notes_order_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_order_notes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
    )
    op.create_index("ix_order_notes_order_id", "order_notes", ["order_id"])
    op.create_table(
        "tags",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_tags_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("label_id", "key", name=op.f("uq_tags_label_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tagged_orders",
        sa.Column("order_id", _KEY, nullable=False),
        sa.Column("tag_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_tagged_orders_order_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_tagged_orders_tag_id")),
        sa.PrimaryKeyConstraint("order_id", "tag_id", name=op.f("pk_tagged_orders")),
    )
    op.create_index("ix_tagged_orders_tag_id", "tagged_orders", ["tag_id", "order_id"])


def _views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_views_staff_id")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_saved_views_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_staff_id", "saved_views", ["staff_id"])
    op.create_index("ix_saved_views_label_id", "saved_views", ["label_id"])


def _bulk() -> None:
    op.create_table(
        "bulk_deeds",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("tag_id", _KEY, nullable=True),
        sa.Column("at", _AT, nullable=False),
        sa.Column("undo_at", _AT, nullable=True),
        sa.CheckConstraint("verb IN ('lock', 'tag', 'untag', 'confirm')", name=op.f("ck_bulk_deeds_verb")),
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
