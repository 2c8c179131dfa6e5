"""A label's logo: one picture, kept like every other."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.catalogue import media
from app.catalogue.models import Media
from app.kernel.schema import Base


class LabelLogo(Base):
    """Which picture is a label's logo."""

    __tablename__ = "label_logos"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id"))

    picture: Mapped[Media] = relationship()

    __table_args__ = (Index("ix_label_logos_media_id", "media_id"),)


def of(session: Session, label_id: int) -> Media | None:
    """A label's logo."""
    row = session.get(LabelLogo, label_id)
    return row.picture if row else None


def show(session: Session, label_id: int, picture: Media | None) -> str | None:
    """Put up another logo, or (None) take it down; the file of the old one, to be unlinked once that is committed."""
    row = session.get(LabelLogo, label_id, with_for_update=True)
    old = row.picture if row else None
    if row is not None:
        session.delete(row)
        session.flush()
    if picture is not None:
        session.add(LabelLogo(label_id=label_id, media_id=picture.id))
        session.flush()
    return media.forget(session, old) if old else None
