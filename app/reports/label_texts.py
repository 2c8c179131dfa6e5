"""The texts a label must show: imprint, terms, privacy, withdrawal."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.errors import NotFound
from app.reports import sleeves
from app.reports.sleeves import TEXTS, Imprint


@dataclass(frozen=True)
class LabelText:
    """One of a label's texts, in Markdown."""

    label: Imprint
    name: str
    words: str


def label_text(session: Session, slug: str, name: str) -> LabelText:
    """A text of one label; NotFound when the label is unknown or has not written it."""
    label = session.scalar(select(Label).where(Label.slug == slug))
    words = getattr(label, name).strip() if label and name in TEXTS else ""
    if label is None or not words:
        raise NotFound("There is no such text here.")
    return LabelText(sleeves.imprint(label, alone=sleeves.is_alone(session)), name, words)


def inks(session: Session, slug: str) -> tuple[str, str]:
    """A label's loud and quiet ink; NotFound for an unknown label."""
    found = session.execute(select(Label.ink_loud, Label.ink_quiet).where(Label.slug == slug)).first()
    if found is None:
        raise NotFound("There is no such label.")
    return found.ink_loud, found.ink_quiet
