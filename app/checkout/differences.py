"""What may differ between Stripe's own record and ours, said so that a person knows what it is and what to do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.checkout.marks import Marks
from app.kernel.money import Money
from app.payments.facts import SessionRecord


class Kind(StrEnum):
    """Each is healed by one verb, or by a person."""

    UNSETTLED = "unsettled"
    STILL_OPEN = "still_open"
    LOST_OPEN = "lost_open"
    LOST_AUTHORISED = "lost_authorised"
    LOST_TAKEN = "lost_taken"
    CONTRADICTED = "contradicted"
    NOT_AT_STRIPE = "not_at_stripe"
    MONEY_BACK = "money_back"
    COUNTER_BEHIND = "counter_behind"


# These need no decision: the ordinary verbs bring them right. The worker does so every night.
BY_ITSELF = frozenset({Kind.UNSETTLED, Kind.STILL_OPEN, Kind.MONEY_BACK})

TODO = {
    Kind.UNSETTLED: "flask reconcile --heal asks Stripe now and settles it; the worker does so by itself as well.",
    Kind.STILL_OPEN: "flask reconcile --heal ends that page.",
    Kind.LOST_OPEN: "flask reconcile --heal ends that page; nobody is charged.",
    Kind.LOST_AUTHORISED: "flask reconcile --heal makes the order again with its copies and takes the money; where that cannot be, "
    "it lets the money go, and nobody is charged.",
    Kind.LOST_TAKEN: "flask reconcile --heal makes the order again if its copies are free. Otherwise a person decides: post what "
    "is still there, or refund it in Stripe's dashboard. Look first whether it was posted already.",
    Kind.CONTRADICTED: "Look at the payment in Stripe's dashboard and at the order before anything is posted.",
    Kind.NOT_AT_STRIPE: "Was it another Stripe account or key? Look before anything is posted.",
    Kind.MONEY_BACK: "flask reconcile --heal follows it up; the worker does so by itself as well.",
    Kind.COUNTER_BEHIND: "flask reconcile --heal moves the counter, and writes the numbers down that belong to nobody.",
}


@dataclass(frozen=True)
class Difference:
    """One of them. `about` is Stripe's id, or what else it is about; `reference` names the order or attempt, never a person.

    `made_at` is when that came to be. The rest is what healing needs.
    """

    kind: Kind
    about: str
    what: str
    made_at: datetime
    reference: str = ""
    amount: Money | None = None
    attempt_id: int | None = None
    record: SessionRecord | None = None
    says: Marks | None = None
    label_id: int | None = None
    number: int = 0

    @property
    def todo(self) -> str:
        """What heals it, or what a person has to do."""
        return TODO[self.kind]


def told(difference: Difference) -> str:
    """On one line, without a name or an address."""
    about = [difference.about, difference.reference, difference.amount.format() if difference.amount else ""]
    return f"{', '.join(filter(None, about))}, {difference.made_at:%Y-%m-%d %H:%M} UTC: {difference.what}"
