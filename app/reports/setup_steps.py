"""How far a label is on the way from an empty shop to its first drop."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label, Release, Run
from app.drops.models import Drop
from app.fulfilment.models import PostageRate, PostageZone
from app.reports.texts_missing import MAY_WITHDRAW


class Step(StrEnum):
    """The way from an empty shop to a drop."""

    LABEL = "label"
    POSTAGE = "postage"
    RELEASE = "release"
    RUN = "run"
    PRESS = "press"
    DROP = "drop"


def steps(session: Session, label_ids: Sequence[int]) -> tuple[tuple[Step, bool], ...]:
    """What is done of setting up, in the sequence in which it is best done."""
    mine = Release.label_id.in_(label_ids)
    runs = select(Run.id).join(Release, Release.id == Run.release_id).where(mine)
    offered = select(PostageRate.id).join(PostageZone, PostageZone.id == PostageRate.zone_id)
    texts = (
        Label.imprint != "",
        Label.terms != "",
        Label.privacy != "",
        or_(Label.withdrawal != "", Label.country.not_in(MAY_WITHDRAW)),
    )
    there = {
        Step.LABEL: exists().where(Label.id.in_(label_ids), *texts),
        Step.POSTAGE: offered.where(PostageZone.label_id.in_(label_ids), PostageRate.retired_at.is_(None)).exists(),
        Step.RELEASE: exists().where(mine),
        Step.RUN: runs.exists(),
        Step.PRESS: runs.where(Run.pressed_at.is_not(None)).exists(),
        Step.DROP: exists().where(Drop.label_id.in_(label_ids), Drop.published_at.is_not(None)),
    }
    return tuple((step, bool(session.scalar(select(condition)))) for step, condition in there.items())
