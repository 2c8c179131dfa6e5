"""The discount code of a hold: named by the fan, looked at again whenever it costs something, counted under a lock when paying."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.inventory import holds
from app.inventory.models import Hold
from app.kernel.errors import BadInput
from app.orders import codes
from app.orders.models import DiscountCode
from app.orders.taking_off import Rule
from app.payments import attempts


@dataclass(frozen=True)
class Coded:
    """The code that stands on a hold: its rule, or in plain words why it takes nothing off now."""

    code: str
    rule: Rule | None
    no: str = ""


def named(session: Session, hold: Hold, label_id: int, typed: str, email_key: str, now: datetime) -> int:
    """The key of the code that a fan typed for a hold. BadInput says why it cannot be used.

    A code of another label is as unknown as one that nobody made.
    """
    found = codes.find(session, label_id, typed)
    if found is None:
        raise BadInput(codes.UNKNOWN, {"code": codes.UNKNOWN})
    runs = {each.run_id for each in holds.contents(session, hold.id)}
    no = _no(session, found, codes.rule(session, found), runs, hold.id, email_key, now)
    if no:
        raise BadInput(no, {"code": no})
    return found.id


def of(session: Session, hold: Hold, code: DiscountCode, runs: Collection[int], now: datetime) -> Coded:
    """The code of a hold with copies of these runs. While it is being paid the fan has been promised what they were shown."""
    rule = codes.rule(session, code)
    no = "" if attempts.is_pending(session, hold.id) else _no(session, code, rule, runs, hold.id, hold.email_key, now)
    return Coded(code.code, None if no else rule, no)


def of_locked(session: Session, hold: Hold, now: datetime) -> Coded | None:
    """The same, and until we are through nobody else uses this code: what is counted now still is so when this use is written."""
    code = codes.of_hold(session, hold.id)
    if code is None:
        return None
    codes.lock(session, code)
    return of(session, hold, code, {each.run_id for each in holds.contents(session, hold.id)}, now)


def _no(
    session: Session, code: DiscountCode, rule: Rule, runs: Collection[int], hold_id: int, email_key: str, now: datetime
) -> str:
    no = codes.no_now(code, now) or codes.no_for(rule, runs)
    if no or not (code.most_uses or code.once_per_fan):
        return no
    return codes.no_more(code, codes.uses(session, code.id, email_key, besides=hold_id))
