"""Refusals in Stripe's own envelope."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class StripeError(Exception):
    """An answer other than success; ``saved`` says whether an idempotency key remembers it."""

    message: str
    code: str | None = None
    param: str | None = None
    status: int = 400
    type: str = "invalid_request_error"
    extra: dict[str, Any] = field(default_factory=dict)
    saved: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON body: ``{"error": {type, message, code, param, doc_url, ...}}`` with absent parts left out."""
        parts: dict[str, Any] = {"type": self.type, "message": self.message, "code": self.code, "param": self.param}
        if self.code:
            parts["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        return {"error": {k: v for k, v in {**parts, **self.extra}.items() if v is not None}}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """A parameter that fails validation: nothing ran, so no idempotency key remembers it."""
    return StripeError(message, code=code, param=param, saved=False)


def missing(kind: str, object_id: str, *, param: str = "id") -> StripeError:
    """404: there is no such object."""
    name = {"checkout.session": "checkout session", "payment_intent": "payment_intent"}.get(kind, kind)
    return StripeError(f"No such {name}: '{object_id}'", code="resource_missing", param=param, status=404)


def unauthorised(message: str) -> StripeError:
    """401: no key, or one that has no business here."""
    return StripeError(message, status=401, saved=False)


def unsupported(param: str, why: str) -> StripeError:
    """Something the real Stripe knows and this stand-in honestly does not."""
    return invalid(f"The local Stripe does not support this: {why}", param=param, code="sandbox_unsupported")
