"""Checks of what fans were promised: a pre-order whose time is over and of which nothing new was said."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.making import ARRIVED, Making
from app.catalogue.models import Label, Release, Run
from app.checkout.asking import over
from app.kernel.alerts import Found
from app.settings import Settings


def promise_over(session: Session, _settings: Settings, now: datetime) -> Iterable[Found]:
    """Each such run, as its fans hear of it only from the label."""
    named = select(Making, Run.title, Release.catalogue_number, Label).join(Run, Run.id == Making.run_id)
    made = named.join(Release, Release.id == Run.release_id).join(Label, Label.id == Release.label_id)
    for making, title, number, label in session.execute(made.where(Making.step.not_in(ARRIVED)).order_by(Making.run_id)):
        if now >= over(making.promised_on, label.time_zone):
            said = f"{label.name}: {number} “{title}” was promised for {making.promise.words} and is not here. Tell its fans."
            yield Found(f"promise.over/{making.run_id}", said, label.id, f"/staff/runs/{making.run_id}/making")
