"""Is the machine's clock right? Measured against the date on an answer of Stripe's, which is right to a second."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

from app.kernel.checkups import Line, State
from app.payments.gateway import Gateway

RIGHT, BEARABLE = 2.0, 20.0  # seconds; a signature may be 30 seconds ahead of us, and a drop opens by this clock


def check_clock(gateway: Gateway, machine: Callable[[], datetime]) -> Line:
    """One call, with our clock read before and after it. Raises StripeTrouble."""
    before = machine()
    _found, date = gateway.look("get", "/v1/checkout/sessions", limit=1)
    return judged(before, machine(), date)


def judged(before: datetime, after: datetime, date: str) -> Line:
    """Stripe wrote its date, cut off at the second, at some moment between the two."""
    try:
        theirs = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return Line(State.NOTE, "Stripe's answer had no date that could be read, so nothing is known.", "Check again.")
    ahead = (before - theirs).total_seconds() - 1
    behind = (theirs - after).total_seconds()
    off = max(ahead, behind, 0.0)
    if off <= RIGHT:
        return Line(State.GOOD, "The machine's clock and Stripe's agree to two seconds.")
    way = "ahead of" if ahead > behind else "behind"
    return Line(
        State.NOTE if off <= BEARABLE else State.BAD,
        f"The machine's clock is {_long(off)} {way} Stripe's. Drops open by it, and it makes Stripe's messages look false.",
        "Let the machine keep its time by NTP, and check again.",
        "timedatectl set-ntp true",
    )


def _long(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
