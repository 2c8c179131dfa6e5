"""Letters to the people at the desk: what changed about their sign-in."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Staff, StaffRole, StaffSession
from app.accounts.notices import NOTICE
from app.catalogue.models import Label
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import at, letter

_SAID = {
    "staff.password_changed": "Your password was changed",
    "staff.password_set": "You were given a new password",
    "staff.factor_reset": "Your second factor was taken away",
    "factor.app_added": "An authenticator app was added to your sign-in",
    "factor.passkey_added": "A passkey was added to your sign-in",
    "factor.passkey_removed": "A passkey was removed from your sign-in",
    "factor.codes_renewed": "Your recovery codes were made anew",
    "factor.recovery_used": "You signed in with a recovery code",
    "signin.new_network": "You signed in from a place that is new to us",
}


def changed(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """What changed, when and from where; None when the account is closed."""
    staff = desk.session.get(Staff, payload["staff"])
    if staff is None or staff.disabled_at is not None:
        return None
    where = desk.session.get(StaffSession, payload["session"]) if payload["session"] else None
    return letter(
        "sign_in_changed",
        f"{NOTICE}.{staff.id}.{payload['what']}.{payload['at']}",
        staff.email,
        _SAID[payload["what"]],
        when=at(datetime.fromisoformat(payload["at"]), zone_of(desk, staff.id)),
        browser=where.browser if where else "",
        network=where.network if where else "",
        shop=desk.shop,
        label={"name": desk.shop, "ink_loud": ""},
        url=f"{desk.base_url}/staff/me",
    )


def zone_of(desk: LetterDesk, staff_id: int) -> str:
    """The clock that somebody lives by, as far as their labels tell."""
    mine = select(Label.time_zone).join(StaffRole, StaffRole.label_id == Label.id).where(StaffRole.staff_id == staff_id)
    return desk.session.scalar(mine.order_by(Label.id).limit(1)) or "UTC"
