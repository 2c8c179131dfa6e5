"""Links to what is held about a fan, erasures with the rows they emptied, and how long a label keeps what.

Revision: 0023, after 0022.

A mail server's refusal may have named the address it refused: what jobs noted of it until now loses such addresses.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)
_MONTHS = ("unpaid", "reminders", "addresses", "names", "events")
_ADDRESS = re.compile(r"[^\s<>()\"',;:@]{1,64}@[^\s<>()\"',;:@]{1,255}")


def upgrade() -> None:
    op.create_table(
        "data_links",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("generation", _KEY, nullable=False),
        sa.Column("sent_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_links")),
        sa.UniqueConstraint("email", name=op.f("uq_data_links_email")),
        sqlite_autoincrement=True,
    )
    _erasures()
    _retentions()
    _without_addresses()


def _erasures() -> None:
    waiting = sa.text("state = 'waiting'")
    op.create_table(
        "erasures",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("fan", "desk", "record", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("staff_id", _KEY, nullable=True),
        sa.Column(
            "state",
            sa.Enum("waiting", "done", "taken_back", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        *(sa.Column(name, _AT, nullable=False) for name in ("asked_at", "due_at")),
        *(sa.Column(name, _AT, nullable=True) for name in ("begun_at", "looked_at", "told_at", "ended_at")),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_erasures_ended_when_over")),
        sa.CheckConstraint("(state = 'waiting') = (email <> '')", name=op.f("ck_erasures_address_while_waiting")),
        sa.CheckConstraint("(origin = 'desk') = (staff_id IS NOT NULL)", name=op.f("ck_erasures_desk_has_staff")),
        sa.CheckConstraint("state <> 'taken_back' OR begun_at IS NULL", name=op.f("ck_erasures_taken_back_in_time")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_erasures_label_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_erasures_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_erasures_waiting", "erasures", ["label_id", "digest"], unique=True, sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "erased_rows",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("erasure_id", _KEY, nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.id"], name=op.f("fk_erased_rows_erasure_id")),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_erased_rows")),
    )
    op.create_index("ix_erased_rows_erasure_id", "erased_rows", ["erasure_id"])


def _retentions() -> None:
    op.create_table(
        "retentions",
        sa.Column("label_id", _KEY, nullable=False, autoincrement=False),
        *(sa.Column(name, _KEY, nullable=True) for name in _MONTHS),
        sa.Column("accounts_years", _KEY, nullable=False),
        sa.Column("accounts_names", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _AT, nullable=False),
        *(sa.CheckConstraint(f"{name} BETWEEN 1 AND 240", name=op.f(f"ck_retentions_{name}")) for name in _MONTHS),
        sa.CheckConstraint("accounts_years BETWEEN 0 AND 30", name=op.f("ck_retentions_accounts_years")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_retentions_label_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_retentions")),
    )


def _without_addresses() -> None:
    jobs = sa.table("outbox", sa.column("id", _KEY), sa.column("last_error", sa.Text()))
    told = op.get_bind().execute(sa.select(jobs).where(jobs.c.last_error.contains("@"))).all()
    for id_, error in told:
        op.execute(jobs.update().where(jobs.c.id == id_).values(last_error=_ADDRESS.sub("(address)", error)))


def downgrade() -> None:
    for table in ("retentions", "erased_rows", "erasures", "data_links"):
        op.drop_table(table)
