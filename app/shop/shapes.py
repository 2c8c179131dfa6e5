"""How the public site writes moments, prices and pages of JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from app.kernel.money import Money
from app.shop.memory import Printed, printed


def moment(at: datetime | None) -> str | None:
    """UTC to the millisecond with a Z, as JavaScript reads it: `2026-11-27T19:00:00.000Z`."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def price(money: Money) -> dict[str, object]:
    """Minor units and currency."""
    return {"amount": money.amount, "currency": money.currency}


def json_page(body: Mapping[str, object], *, tag_of: Mapping[str, object]) -> Printed:
    """A page of JSON whose tag follows `tag_of`: two pages that only tell another time are the same."""
    return printed(json.dumps(body, separators=(",", ":")), "application/json", tag_of=json.dumps(tag_of, sort_keys=True))
