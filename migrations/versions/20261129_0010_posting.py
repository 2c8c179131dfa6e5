"""Who posts a label's parcels, and the second thing that customs sees in a run.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = ("name", "line1", "line2", "postal_code", "city", "region", "phone", "eori", "vat_number", "ioss_number")


def upgrade() -> None:
    op.create_table(
        "senders",
        sa.Column("label_id", _KEY, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("duties_prepaid", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_senders_label_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_senders")),
    )
    op.create_table(
        "second_things",
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("hs_code", sa.Text(), nullable=False),
        sa.Column("price", _KEY, nullable=False),
        sa.Column("weight", _KEY, nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_second_things_price")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_second_things_weight")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_second_things_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_second_things")),
    )


def downgrade() -> None:
    op.drop_table("second_things")
    op.drop_table("senders")
