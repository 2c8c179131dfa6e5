"""Polite refusals: a fan's bad luck is not a server error."""

from collections.abc import Mapping


class Refusal(Exception):
    """A polite no. Carries the HTTP status, a stable code and the sentence that the fan reads.

    `detail` says what, why and what now; `retry_after` is in seconds; `context` helps the page to offer the next step.
    """

    status = 409
    code = "refused"
    title = "That did not work"

    def __init__(self, detail: str = "", *, retry_after: int | None = None, **context: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after
        self.context = context


class NotFound(Refusal):
    """There is nothing at this address, or it is not yours to see."""

    status, code, title = 404, "not-found", "Nothing here"


class BadInput(Refusal):
    """A form that cannot be understood; `fields` maps a field's name to its sentence."""

    status, code, title = 422, "bad-input", "Please look at the form again"

    def __init__(self, detail: str = "", fields: Mapping[str, str] | None = None, **context: object) -> None:
        super().__init__(detail or " ".join((fields or {}).values()))
        self.context = context
        self.fields = dict(fields or {})


class NotOpenYet(Refusal):
    """The drop has not opened."""

    status, code, title = 403, "not-open-yet", "Not open yet"


class Closed(Refusal):
    """The drop is over."""

    status, code, title = 403, "closed", "This drop is closed"


class Paused(Refusal):
    """The label has paused the drop."""

    status, code, title = 403, "paused", "This drop is paused"


class SoldOut(Refusal):
    """Too few free copies."""

    status, code, title = 409, "sold-out", "Sold out"


class OverLimit(Refusal):
    """More copies than one fan may have."""

    status, code, title = 409, "over-limit", "Over the limit"


class PriceChanged(Refusal):
    """The total shown is not the total now."""

    status, code, title = 409, "price-changed", "The total has changed"


class Paying(Refusal):
    """A payment is open for this hold."""

    status, code, title = 409, "paying", "You are paying"


class HoldLapsed(Refusal):
    """The hold's time is over."""

    status, code, title = 410, "hold-lapsed", "Your hold has ended"


class CannotPostThere(Refusal):
    """No postage rate serves that country and weight."""

    status, code, title = 422, "cannot-post-there", "We cannot post there"


class NotPaid(Refusal):
    """The order's money has not been captured."""

    status, code, title = 409, "not-paid", "Not paid yet"


class Disputed(Refusal):
    """The fan's bank asks for the money back."""

    status, code, title = 409, "disputed", "The bank disputes this payment"


class OverRefund(Refusal):
    """More money than is left of the payment."""

    status, code, title = 409, "over-refund", "More than is left"


class AlreadyShipped(Refusal):
    """The parcel has left."""

    status, code, title = 409, "already-shipped", "Already shipped"


class Conflict(Refusal):
    """The thing is no longer in a state that allows this."""

    status, code, title = 409, "conflict", "That is no longer possible"


class Forbidden(Refusal):
    """You are known, but this is not yours to do."""

    status, code, title = 403, "forbidden", "Not allowed"


class TooMany(Refusal):
    """Throttled."""

    status, code, title = 429, "too-many", "Too many tries"


class Unavailable(Refusal):
    """A fault of ours or of Stripe's; the same request may work in a moment."""

    status, code, title = 503, "unavailable", "Not available right now"
