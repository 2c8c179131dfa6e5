"""How an erasure stands, for the fan who has its link."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.privacy import erasing
from app.privacy.models import Erasure, ErasureState
from app.reports import fan_data, kept_words
from app.reports.sleeves import Imprint, imprint, is_alone


@dataclass(frozen=True)
class ErasurePage:
    """`stays`: sentences about what is kept longer; `may_take_back` while nothing was erased."""

    label: Imprint
    write_to: str
    state: ErasureState
    begun: bool
    due_at: datetime
    stays: list[str]
    may_take_back: bool


def erasure_page(session: Session, erasure: Erasure, now: datetime) -> ErasurePage:
    """The page of one erasure."""
    label = session.get_one(Label, erasure.label_id)
    waits, begun = erasure.state is ErasureState.WAITING, erasure.begun_at is not None
    stays = fan_data.stays(session, erasing.left(session, erasure), now) if waits else ()
    return ErasurePage(
        imprint(label, alone=is_alone(session)), label.email, erasure.state, begun, erasure.due_at,
        kept_words.sentences(stays, label.time_zone), waits and not begun,
    )  # fmt: skip
