"""The gallery's makers: one with a share in everything that was sold, costs that are recouped or not, and a payout."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Staff
from app.catalogue import costs, makers, shares
from app.catalogue.maker_models import CostKind, MakerShare
from app.catalogue.makers import MakerWords
from app.catalogue.models import Label, Release, Run


def stage_makers(session: Session, now: datetime) -> dict[str, int]:
    """Two makers, and what is agreed with them; the id of the one to look at."""
    label = session.scalars(select(Label)).one()
    staff = session.scalars(select(Staff.id).order_by(Staff.id)).first() or 0
    hanne = makers.create(session, label.id, MakerWords("Hanne Brandt", "Kanalstraße 4\n12047 Berlin", None), now)
    studio = makers.create(session, label.id, MakerWords("Studio Nord", "", None), now)
    day = (now - timedelta(days=200)).date()
    for release in session.scalars(select(Release).where(Release.published)):
        terms = ((hanne, 5000, True), (studio, 333, False))
        for maker, points, first in terms:
            row = MakerShare(
                maker_id=maker.id, release_id=release.id, basis_points=points, costs_first=first, begins_on=day, noted_by=staff,
                noted_at=now,
            )  # fmt: skip
            shares.write(session, row)
    for run in session.scalars(select(Run).where(Run.pressed_at.is_not(None))):
        costs.spend(session, run.id, CostKind.PRESSING, 30_000, day, "bill 1147", staff, now)
        costs.spend(session, run.id, CostKind.ART, 4500, day, "", staff, now)
    makers.pay_out(session, hanne, 2500, now.date(), "transfer 12", staff, now)
    wrong = makers.pay_out(session, hanne, 250, now.date(), "", staff, now)
    wrong.struck_at = now
    return {"maker_id": hanne.id}
