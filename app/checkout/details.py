"""Say where to: keep who the fan is and where the copies go, before the total is shown."""

from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from app.inventory import holds
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel.errors import BadInput, HoldLapsed, Paying
from app.payments import attempts


@dataclass(frozen=True)
class Details:
    """What the fan filled in; `rate_id` of a rate that does not serve the country gives way to the cheapest that does."""

    email: str
    country: str
    rate_id: int | None
    note: str


def say_where_to(session: Session, hold_id: int, details: Details, now: datetime) -> Hold:
    """Keep a fan's details on their hold; an empty e-mail is kept empty. Raises HoldLapsed, Paying or BadInput."""
    hold = holds.locked(session, hold_id)
    if hold is None or hold.state is not HoldState.ACTIVE or hold.expires_at <= now:
        raise HoldLapsed("The time for this hold is over.", hold=hold)
    email, key = normalise(details.email) if details.email.strip() else ("", "")
    kept = (email, key, details.country, details.rate_id, details.note.strip()[:500])
    if kept == (hold.email, hold.email_key, hold.country, hold.rate_id, hold.note):
        return hold
    if attempts.pending(session, hold.id):
        raise Paying("You are paying for this hold. To change the details, stop the payment first.", hold=hold)
    holds.note_details(hold, *kept)
    session.flush()
    return hold


def normalise(email: str) -> tuple[str, str]:
    """An address as we write to it, and the form in which addresses of one person are equal. BadInput when it is none."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError as fault:
        raise BadInput(f"This e-mail address cannot be right: {fault}", {"email": str(fault)}) from fault
    written = checked.normalized
    local, _, domain = written.lower().rpartition("@")
    return written, f"{local.partition('+')[0]}@{domain}"
