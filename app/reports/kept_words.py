"""Says to a fan why something of theirs cannot be erased yet, and until when it stays."""

from collections.abc import Sequence

from app.privacy.held_back import Because
from app.reports.fan_data import Stays
from app.reports.letter_paper import day


def sentences(stays: Sequence[Stays], zone: str) -> list[str]:
    """A sentence for each order that stays, or stays in part, and one for all holds."""
    return list(dict.fromkeys(_said(each, zone) for each in stays))


def _said(each: Stays, zone: str) -> str:
    order = f"Order № {each.reference}" if each.reference else "What you hold"
    match each.kept.because:
        case Because.HELD:
            return "What you are holding or paying for right now stays until that is over."
        case Because.UNSENT:
            return f"{order} has not left yet. It stays until the parcel has gone, or the order is cancelled."
        case Because.MONEY:
            return f"{order} has money on its way. It stays until that has arrived."
        case Because.DISPUTE:
            return f"{order} is disputed at your bank. It stays until the bank has decided."
        case Because.COUNTED:
            return f"{order} counts towards what each fan may have. What it is counted by stays until the drop or the code is over."
        case Because.ACCOUNTS:
            until = day(each.kept.until, zone) if each.kept.until else ""
            return f"{order} was paid. The label's accounts keep its name and address until {until}; all else goes."
