"""People at the desk: the accountant's role.

Revision: 0011, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None

_OLD, _NEW = ("owner", "manager", "packer"), ("owner", "manager", "packer", "accountant")


def upgrade() -> None:
    _roles(_NEW)


def downgrade() -> None:
    op.execute("DELETE FROM staff_roles WHERE role = 'accountant'")
    _roles(_OLD)


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
