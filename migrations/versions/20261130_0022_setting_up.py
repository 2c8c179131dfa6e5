"""Setting a shop up in the browser: the founder's link, how far a label is, logos, what checks found, new addresses of staff.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    _people()
    op.create_table(
        "label_logos",
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("media_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_label_logos_label_id")),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_label_logos_media_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_label_logos")),
    )
    op.create_index("ix_label_logos_media_id", "label_logos", ["media_id"])
    state = sa.Enum("good", "note", "waiting", "bad", name="state", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "checkups",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("said", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_checkups")),
    )


def _people() -> None:
    op.create_table(
        "founding_links",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", _KEY, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_founding_links_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_founding_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_founding_links_digest")),
    )
    op.create_index("ix_founding_links_staff_id", "founding_links", ["staff_id"])
    op.create_table(
        "setups",
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("passed", sa.Text(), server_default="", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_setups_label_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_setups_staff_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_setups")),
    )
    op.create_index("ix_setups_staff_id", "setups", ["staff_id"])
    op.create_table(
        "new_addresses",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_new_addresses_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_addresses")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_new_addresses_staff_id", "new_addresses", ["staff_id"])


def downgrade() -> None:
    for table in ("checkups", "label_logos", "new_addresses", "setups", "founding_links"):
        op.drop_table(table)
