"""Stripe's test cards: which number does what, and how a card given by a person is read."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Decline:
    """Why a card is refused, in Stripe's words."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class TestCard:
    """A number with a meaning: ``refund`` says how a refund goes (``fails`` after it succeeded, ``waits`` before it does),
    ``dispute`` as what a dispute comes soon after the capture."""

    number: str
    title: str
    decline: Decline | None = None
    authenticates: bool = False
    refund: str = ""
    dispute: str = ""

    @property
    def spaced(self) -> str:
        """``4242 4242 4242 4242``."""
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


@dataclass(frozen=True)
class Card:
    """A card as typed: digits only."""

    number: str
    month: int = 12
    year: int = 2034
    cvc: str = "123"
    name: str = ""

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]

    @property
    def brand(self) -> str:
        """By the leading digit."""
        return {"3": "amex", "4": "visa", "5": "mastercard", "2": "mastercard", "6": "discover"}.get(self.number[:1], "visa")

    @property
    def fingerprint(self) -> str:
        """The same for the same number."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


INCORRECT_NUMBER = Decline("incorrect_number", None, "Your card number is incorrect.")
UNAUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
_DECLINED = "Your card was declined."

TEST_CARDS = (
    TestCard("4242424242424242", "Succeeds"),
    TestCard("4000002500003155", "Asks for 3-D Secure", authenticates=True),
    TestCard("4000002760003184", "Asks for 3-D Secure, always", authenticates=True),
    TestCard("4000000000000002", "Declined", Decline("card_declined", "generic_decline", _DECLINED)),
    TestCard(
        "4000000000009995", "Insufficient funds",
        Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    ),
    TestCard("4000000000009987", "Lost card", Decline("card_declined", "lost_card", _DECLINED)),
    TestCard("4000000000000069", "Expired card", Decline("expired_card", None, "Your card has expired.")),
    TestCard("4000000000000127", "Wrong CVC", Decline("incorrect_cvc", None, "Your card's security code is incorrect.")),
    TestCard(
        "4000000000000119", "Processing error",
        Decline(
            "processing_error", None, "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    TestCard("4000000000000259", "Succeeds, disputed soon after", dispute="fraudulent"),
    TestCard("4000000000001976", "Succeeds, the bank inquires", dispute="inquiry"),
    TestCard("4000000000005126", "Succeeds, a refund fails later", refund="fails"),
    TestCard("4000000000007726", "Succeeds, a refund takes a while", refund="waits"),
)  # fmt: skip
_BY_NUMBER = {card.number: card for card in TEST_CARDS}


def look_up(number: str) -> TestCard:
    """What the card will do; a number that is no test card, or no card number at all, is incorrect."""
    known = _BY_NUMBER.get(number)
    if known:
        return known
    if passes_luhn(number) and number.startswith(("5555555555554444", "378282246310005")):
        return TestCard(number, "Succeeds")
    return TestCard(number, "No test card", INCORRECT_NUMBER)


def passes_luhn(number: str) -> bool:
    """The check digit every card number carries."""
    if not re.fullmatch(r"\d{12,19}", number, re.ASCII):
        return False
    digits = [int(c) for c in reversed(number)]
    return (sum(digits[0::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])) % 10 == 0


def read_expiry(text: str, now: float) -> tuple[int, int] | None:
    """``"12 / 34"`` → ``(12, 2034)``; nothing when unreadable or over."""
    match = re.fullmatch(r"\s*(\d{1,2})\s*[/-]?\s*(\d{2}|\d{4})\s*", text, re.ASCII)
    if not match:
        return None
    month, year = int(match[1]), int(match[2])
    year += 2000 if year < 100 else 0
    today = datetime.fromtimestamp(now, UTC)
    if not 1 <= month <= 12 or (year, month) < (today.year, today.month) or year > today.year + 50:
        return None
    return month, year
