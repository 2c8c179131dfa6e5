"""A person's second factor, whatever it is: what they have, and how often it may be tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import recovery, signin, totp
from app.accounts.models import StaffPasskey, StaffTotp
from app.kernel import throttle
from app.kernel.errors import Refusal
from app.kernel.tokens import Tokens

_QUARTER = timedelta(minutes=15)
TRIES, STRANGERS = 8, 20  # in a quarter of an hour: from one network, and from all where this person was never signed in


class WrongFactor(Refusal):
    """The code is not right, or was used before; it is not said which."""

    status, code, title = 422, "wrong-factor", "That did not match"


@dataclass(frozen=True)
class Factors:
    """What a person can show beside their password."""

    app_since: datetime | None
    passkeys: int
    codes_left: int

    @property
    def any(self) -> bool:
        """Have they enrolled? Recovery codes alone are no factor: they stand in for one."""
        return self.app_since is not None or self.passkeys > 0


def of(session: Session, staff_id: int) -> Factors:
    """What a person has enrolled."""
    since = session.scalar(select(StaffTotp.confirmed_at).where(StaffTotp.staff_id == staff_id))
    keys = session.scalars(select(StaffPasskey.id).where(StaffPasskey.staff_id == staff_id)).all()
    return Factors(since, len(keys), recovery.left(session, staff_id))


def check_throttle(session: Session, staff_id: int, network: str, now: datetime) -> None:
    """Count one try; TooMany when there were too many. Strangers use up nothing where the person was signed in before."""
    limits = {f"factor:{staff_id}:{network}": TRIES}
    if not signin.is_known(session, staff_id, network, now):
        limits[f"factor.strangers:{staff_id}"] = STRANGERS
    for key, most in limits.items():
        throttle.allow(session, key, most=most, per=_QUARTER, now=now, what="tries of a code")


def check_code(session: Session, tokens: Tokens, staff_id: int, typed: str, now: datetime) -> str:
    """Use up a code of the app or a recovery code: "totp" or "recovery". WrongFactor otherwise."""
    if totp.right(session, tokens, staff_id, typed, now):
        return "totp"
    if recovery.use(session, staff_id, typed, now):
        return "recovery"
    raise WrongFactor("This code is not right, or was used before. Wait for the app to show the next one.")
