"""People who sign in, what they may do, and what they did."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.schema import Base, JsonDict, Key, one_of


class Role(StrEnum):
    """What a person may do for one label; each includes the ones after it."""

    OWNER = "owner"
    MANAGER = "manager"
    PACKER = "packer"


class Staff(Base):
    """A person who works at the desk."""

    __tablename__ = "staff"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)  # normalised
    name: Mapped[str]
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    roles: Mapped[list["StaffRole"]] = relationship(cascade="all, delete-orphan")


class StaffRole(Base):
    """One person's role at one label."""

    __tablename__ = "staff_roles"

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))

    __table_args__ = (UniqueConstraint("staff_id", "label_id"),)


class StaffSession(Base):
    """A signed-in browser; only a digest of its token is stored, ending the row signs it out everywhere at once."""

    __tablename__ = "staff_sessions"

    id: Mapped[Key]
    token_digest: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship()

    __table_args__ = (Index("ix_staff_sessions_staff_id", "staff_id"),)


class SavedView(Base):
    """A list of orders under a name: its maker's own, or with a label for everybody who works there."""

    __tablename__ = "saved_views"

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    name: Mapped[str]
    query: Mapped[str]  # what stands behind the question mark of the list's address
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_saved_views_staff_id", "staff_id"), Index("ix_saved_views_label_id", "label_id"))


class AuditEntry(Base):
    """Append-only: who did what to which row, and when; `detail` holds ids and decisions, no personal data."""

    __tablename__ = "audit_log"

    id: Mapped[Key]
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # empty: the machine or the command line
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    deed: Mapped[str]  # "drop.paused"
    entity: Mapped[str]
    entity_id: Mapped[int | None]
    detail: Mapped[JsonDict]

    __table_args__ = (Index("ix_audit_log_entity", "entity", "entity_id"), Index("ix_audit_log_at", "at"))
