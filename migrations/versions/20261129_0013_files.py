"""Files that come with every copy of a release.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = ("album", "stems", "zine", "other")


def upgrade() -> None:
    op.create_table(
        "release_files",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("release_id", _KEY, nullable=False),
        sa.Column("position", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Enum(*_KINDS, name="kind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", _KEY, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("downloads", _KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_release_files_size")),
        sa.CheckConstraint("(sha256 IS NULL) = (whole_at IS NULL)", name=op.f("ck_release_files_whole_has_checksum")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_release_files_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_files")),
        sa.UniqueConstraint("file", name=op.f("uq_release_files_file")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_release_files_release_id", "release_files", ["release_id"])


def downgrade() -> None:
    op.drop_index("ix_release_files_release_id", table_name="release_files")
    op.drop_table("release_files")
