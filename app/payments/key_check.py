"""Does the key do all that the shop asks of Stripe? Each call is tried; none of them moves money or needs a fan."""

from dataclasses import dataclass
from typing import Any

from app.kernel.checkups import Line, State
from app.payments.gateway import Gateway, StripeDenied, StripeRefused, StripeTrouble

# An intent that nobody has: who may do a thing to it hears that it is not there, who may not hears that first.
_NOBODYS = "pi_runout_looks_whether_it_may"
SET_KEY = "STRIPE_SECRET_KEY_FILE=/etc/runout/stripe_key"


@dataclass(frozen=True)
class Probe:
    """One call that the shop makes: what for, what a restricted key needs for it, and how it is tried without any effect."""

    what: str
    permission: str
    method: str
    path: str
    params: dict[str, Any]


_FEW: dict[str, Any] = {"limit": 1}
PROBES = (
    Probe("look at payment pages", "Checkout Sessions: write", "get", "/v1/checkout/sessions", _FEW),
    Probe("look at payments", "PaymentIntents: write", "get", "/v1/payment_intents", _FEW),
    Probe("take money that was promised", "PaymentIntents: write", "post", f"/v1/payment_intents/{_NOBODYS}/capture", {}),
    Probe("let money go that was promised", "PaymentIntents: write", "post", f"/v1/payment_intents/{_NOBODYS}/cancel", {}),
    Probe("look at refunds", "Charges and Refunds: write", "get", "/v1/refunds", _FEW),
    Probe("give money back", "Charges and Refunds: write", "post", "/v1/refunds", {"payment_intent": _NOBODYS, "amount": 100}),
    Probe("look at disputes", "Disputes: read", "get", "/v1/disputes", _FEW),
    Probe("look at what Stripe keeps", "Balance: read", "get", "/v1/balance_transactions", _FEW),
)


def check_key(gateway: Gateway, *, live: bool) -> list[Line]:
    """The key itself, then every call; one line says that all may be done, or each says which may not. StripeTrouble when away."""
    try:
        missing = [probe for probe in PROBES if not _may(gateway, probe)]
    except StripeDenied:
        return [
            Line(
                State.BAD,
                "Stripe does not know the key. It was copied in part, rolled, or deleted.",
                "Copy it anew from Stripe's dashboard, Developers, API keys, into the file, and restart the shop.",
                SET_KEY,
            )
        ]
    kind = "live: real money moves" if live else "a test key: no real money moves"
    return [
        Line(State.GOOD if live else State.NOTE, f"Stripe knows the key. It is {kind}.", "" if live else _BEFORE),
        *_said(missing),
    ]


_BEFORE = "Right for trying things. Before the first drop put a live restricted key into the file, and check again."


def _may(gateway: Gateway, probe: Probe) -> bool:
    """Whether one call is allowed; StripeDenied when the key is none, StripeTrouble when Stripe did not answer."""
    try:
        gateway.look(probe.method, probe.path, **probe.params)
    except StripeDenied as denied:
        if denied.unknown:
            raise
        return False
    except StripeRefused:
        return True  # there is no such thing, and it looked
    return True


def _said(missing: list[Probe]) -> list[Line]:
    if not missing:
        return [Line(State.GOOD, "The key may do everything that the shop asks of Stripe.")]
    return [
        Line(
            State.BAD,
            f"The key may not {probe.what}.",
            f"Edit the restricted key in Stripe's dashboard, give it “{probe.permission}”, and check again.",
        )
        for probe in missing
    ]


def check_account(gateway: Gateway, currencies: list[str]) -> list[Line]:
    """Whether the account can charge, and what it pays out in; a restricted key mostly may not look, which is fine."""
    try:
        account, _date = gateway.look("get", "/v1/account")
    except StripeRefused:
        return []
    name = (account.get("settings") or {}).get("dashboard", {}).get("display_name") or account["id"]
    lines = [Line(State.GOOD, f"It belongs to the account “{name}”.")]
    if not account.get("charges_enabled", True):
        lines.append(Line(State.BAD, "Stripe does not let this account take payments yet.", _FINISH))
    elif not account.get("payouts_enabled", True):
        lines.append(Line(State.NOTE, "Stripe takes payments, but pays nothing out yet.", _FINISH))
    own = str(account.get("default_currency") or "").upper()
    lines += [
        Line(
            State.NOTE,
            f"You sell in {code}; Stripe pays out in {own} and changes it at its rate, unless you add an account in {code}.",
        )
        for code in currencies
        if own and code != own
    ]
    return lines


_FINISH = "Stripe's dashboard says what it still wants to know about you: finish that, and check again."


def away(trouble: StripeTrouble) -> Line:
    """What stands instead when Stripe did not answer."""
    del trouble  # its words may hold a part of the key
    return Line(
        State.BAD,
        "Stripe did not answer, so nothing is known.",
        "See that this machine reaches api.stripe.com over https, and check again in a minute.",
    )
