"""What a hold's form is filled in with before anything is sent, and what may be chosen in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.fulfilment import postage
from app.inventory.models import Hold
from app.orders.models import DiscountCode
from app.reports import countries
from app.reports.hold_facts import hold_facts
from app.reports.hold_stage import PAYABLE, stage_of


@dataclass(frozen=True)
class HoldForm:
    """The form of a hold that can be paid; `countries` are codes."""

    email: str
    country: str
    rate_id: int | None
    note: str
    code: str
    countries: Sequence[str]


def hold_form(session: Session, hold: Hold, now: datetime) -> HoldForm | None:
    """The form of this hold; None when it cannot be paid any more."""
    facts = hold_facts(session, hold)
    if stage_of(hold, facts.attempt, now, put_back_by="", let_go=facts.let_go) not in PAYABLE:
        return None
    served = postage.countries(postage.tariff(session, facts.terms.label_id), countries.EVERY)
    country = hold.country or facts.terms.country
    code = session.get_one(DiscountCode, facts.code_id).code if facts.code_id is not None else ""
    return HoldForm(hold.email, country, hold.rate_id, hold.note, code, served)
