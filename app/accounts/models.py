"""People who sign in, what they may do, and what they did."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.roles import Role
from app.kernel.schema import NEVER_AGAIN, Base, JsonDict, Key, one_of


class Staff(Base):
    """A person who works at the desk."""

    __tablename__ = "staff"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)  # normalised
    name: Mapped[str]
    password_hash: Mapped[str]
    factor_generation: Mapped[int] = mapped_column(default=0, server_default="0")  # raised with each app: no secret comes twice
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
    """A signed-in browser; only a digest of its token is stored, ending the row signs it out everywhere at once.

    Until `proven_at` it has shown a password only, and reaches nothing but the pages of the second factor.
    """

    __tablename__ = "staff_sessions"

    id: Mapped[Key]
    token_digest: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    proven_at: Mapped[datetime | None]  # when the second factor was shown
    confirmed_at: Mapped[datetime | None]  # when the person last said who they are
    browser: Mapped[str] = mapped_column(default="", server_default="")  # its family: "Firefox on Linux"
    network: Mapped[str] = mapped_column(default="", server_default="")  # roughly: "203.0.113.0/24"
    challenge: Mapped[str | None]  # what a passkey is to sign next, once

    staff: Mapped[Staff] = relationship()

    __table_args__ = (Index("ix_staff_sessions_staff_id", "staff_id"),)


class StaffTotp(Base):
    """A person's authenticator app; the secret is sealed, and `step` is the last half-minute of which a code was used."""

    __tablename__ = "staff_totps"

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    sealed: Mapped[str]
    step: Mapped[int]
    confirmed_at: Mapped[datetime]


class StaffPasskey(Base):
    """A passkey that a person has registered; only its public half is here."""

    __tablename__ = "staff_passkeys"

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    credential: Mapped[str] = mapped_column(unique=True)  # base64url
    public_key: Mapped[str]  # base64url
    uses: Mapped[int]  # as the key counts them itself; nought for those that do not
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_staff_passkeys_staff_id", "staff_id"),)


class StaffRecoveryCode(Base):
    """A code that stands in for the second factor once; only its digest is stored."""

    __tablename__ = "staff_recovery_codes"

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    digest: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("staff_id", "digest"),)


class Invitation(Base):
    """Somebody is asked to the desk by mail; the link's token is derived from id and generation."""

    __tablename__ = "invitations"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    email: Mapped[str]  # normalised
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    invited_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    generation: Mapped[int] = mapped_column(default=1)  # raised when it is sent again, so that the older link ends
    sent_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_invitations_label_id", "label_id"), NEVER_AGAIN)


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


class AuditSeal(Base):
    """Append-only: the link of one audit row in the chain; `hash` covers the row and the `former` link's hash."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1, without a gap
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit_log.id"), unique=True)
    former: Mapped[str]
    hash: Mapped[str]
