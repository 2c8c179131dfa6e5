"""People at the desk: the accountant's role, second factors, sessions that can be told apart, the log's chain, invitations.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OLD, _NEW = ("owner", "manager", "packer"), ("owner", "manager", "packer", "accountant")


def upgrade() -> None:
    _roles(_NEW)
    op.create_table(
        "staff_totps",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("step", _KEY, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_totps_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_totps")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_staff_totps_staff_id")),
    )
    op.create_table(
        "staff_passkeys",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("uses", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_passkeys_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkeys")),
        sa.UniqueConstraint("credential", name=op.f("uq_staff_passkeys_credential")),
    )
    op.create_index("ix_staff_passkeys_staff_id", "staff_passkeys", ["staff_id"])
    op.create_table(
        "staff_recovery_codes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("staff_id", _KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_recovery_codes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_recovery_codes")),
        sa.UniqueConstraint("staff_id", "digest", name=op.f("uq_staff_recovery_codes_staff_id_digest")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("label_id", _KEY, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Enum(*_NEW, name="role", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("invited_by", _KEY, nullable=False),
        sa.Column("generation", _KEY, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["staff.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_invitations_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invitations_label_id", "invitations", ["label_id"])
    op.create_table(
        "audit_seals",
        sa.Column("position", _KEY, autoincrement=False, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit_log.id"], name=op.f("fk_audit_seals_audit_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_seals_audit_id")),
    )
    _append_only("audit_seals")
    op.add_column("staff", sa.Column("factor_generation", _KEY, nullable=False, server_default="0"))
    for name in ("proven_at", "confirmed_at"):
        op.add_column("staff_sessions", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("browser", "network"):
        op.add_column("staff_sessions", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("staff_sessions", sa.Column("challenge", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("challenge", "network", "browser", "confirmed_at", "proven_at"):
        op.drop_column("staff_sessions", name)
    op.drop_column("staff", "factor_generation")
    for table in ("audit_seals", "invitations", "staff_recovery_codes", "staff_passkeys", "staff_totps"):
        op.drop_table(table)
    op.execute("DELETE FROM staff_roles WHERE role = 'accountant'")
    _roles(_OLD)


def _append_only(table: str) -> None:
    """As the first migration does it for the log itself."""
    for deed in ("UPDATE", "DELETE"):
        trigger = f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table}"
        if op.get_context().dialect.name == "sqlite":
            op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")
        else:
            op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def _roles(names: tuple[str, ...]) -> None:
    """Swap the check of a role's name. SQLite cannot, so there the table is made anew; nothing points at it."""
    listed = ", ".join(f"'{name}'" for name in names)
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_staff_roles_role"), "staff_roles", type_="check")
        op.create_check_constraint(op.f("ck_staff_roles_role"), "staff_roles", f"role IN ({listed})")
        return
    op.execute("CREATE TEMPORARY TABLE kept_roles AS SELECT id, staff_id, label_id, role FROM staff_roles")
    op.drop_table("staff_roles")
    op.create_table(
        "staff_roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Enum(*names, name="role", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_staff_roles_label_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_roles_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_roles")),
        sa.UniqueConstraint("staff_id", "label_id", name=op.f("uq_staff_roles_staff_id_label_id")),
    )
    op.execute("INSERT INTO staff_roles (id, staff_id, label_id, role) SELECT id, staff_id, label_id, role FROM kept_roles")
    op.execute("DROP TABLE kept_roles")
