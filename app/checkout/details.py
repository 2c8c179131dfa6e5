"""Say where to: keep who the fan is and where the copies go, before the total is shown."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from app.checkout import coded
from app.drops.models import Drop
from app.fulfilment import postage
from app.inventory import holds
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel.errors import BadInput, HoldLapsed, Paying
from app.orders import codes
from app.orders.models import DiscountCode
from app.payments import attempts


@dataclass(frozen=True)
class Details:
    """What the fan filled in; `rate_id` of a rate that does not serve the country gives way to the cheapest that does."""

    email: str
    country: str
    rate_id: int | None
    note: str
    code: str = ""


def say_where_to(session: Session, hold_id: int, details: Details, now: datetime) -> Hold:
    """Keep a fan's details on their hold; an empty e-mail is kept empty. Raises HoldLapsed, Paying or BadInput."""
    hold = holds.locked(session, hold_id)
    if hold is None or hold.state is not HoldState.ACTIVE or hold.expires_at <= now:
        raise HoldLapsed("The time for this hold is over.", hold=hold)
    email, key = normalise(details.email) if details.email.strip() else ("", "")
    kept = (email, key, _country(details.country), _known_rate(session, details.rate_id), _note(details.note))
    before = codes.of_hold(session, hold.id)
    code_id = _code(session, hold, before, details, key, now)
    same_code = code_id == (before.id if before else None)
    if same_code and kept == (hold.email, hold.email_key, hold.country, hold.rate_id, hold.note):
        return hold
    if attempts.is_pending(session, hold.id):
        raise Paying("You are paying for this hold. To change the details, stop the payment first.", hold=hold)
    holds.note_details(hold, *kept)
    if not same_code:
        codes.keep(session, hold.id, code_id)
    session.flush()
    return hold


def _code(session: Session, hold: Hold, before: DiscountCode | None, details: Details, email_key: str, now: datetime) -> int | None:
    """The code to keep: the one that stands there already is looked at again when it costs something, not here."""
    typed = codes.written(details.code)
    if not typed:
        return None
    if before is not None and typed == before.code:
        return before.id
    label_id = session.get_one(Drop, hold.drop_id).label_id
    return coded.named(session, hold, label_id, typed, email_key, now)


def _country(code: str) -> str:
    if code and not re.fullmatch(r"[A-Z]{2}", code):
        raise BadInput("Choose a country from the list.", {"country": "Choose a country from the list."})
    return code


def _known_rate(session: Session, rate_id: int | None) -> int | None:
    """The rate if there is one with this id; a form may name any number."""
    known = rate_id is not None and 0 < rate_id < 2**63 and postage.rate(session, rate_id)
    return rate_id if known else None


def _note(text: str) -> str:
    """At most 500 characters, without the control characters that PostgreSQL and printers refuse."""
    return "".join(each for each in text if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"}).strip()[:500]


def normalise(email: str) -> tuple[str, str]:
    """An address as we write to it, and the form in which addresses of one person are equal. BadInput when it is none."""
    try:
        # Many mail servers take neither letters beyond ASCII before the @ nor an unencoded domain after it.
        checked = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as fault:
        raise BadInput(f"This e-mail address cannot be right: {fault}", {"email": str(fault)}) from fault
    written = checked.ascii_email or checked.normalized
    local, _, domain = written.lower().rpartition("@")
    return written, f"{local.partition('+')[0] or local}@{domain}"
