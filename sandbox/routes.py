"""Every address of the API: its method, path, parameters as the SDK types them, and what answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stripe import params as p
from stripe.params import checkout as cs
from stripe.params import tax as ts

from sandbox import account, endpoints, intents, lists, refunds, sessions, tax
from sandbox.behaviour import names
from sandbox.box import Sandbox
from sandbox.errors import invalid, unsupported

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request on its way: ``params`` are typed and valid, ``id`` is the object in the path, ``base`` our own address."""

    box: Sandbox
    params: Json = field(default_factory=dict)
    id: str = ""
    base: str = ""
    path: str = ""


@dataclass(frozen=True)
class Route:
    """An endpoint. ``params`` is a ``TypedDict`` of the SDK."""

    method: str
    path: str
    params: type
    run: Callable[[Call], Json]

    @property
    def name(self) -> str:
        """``POST /v1/checkout/sessions/<id>/expire``: one rate limit each."""
        return f"{self.method} /v1{self.path}"


def _page(items: Callable[[Sandbox, Json], list[Json]]) -> Callable[[Call], Json]:
    return lambda c: lists.page(items(c.box, c.params), c.params, c.path)


def _list(kind: str, *names: str) -> Callable[[Call], Json]:
    return _page(lambda box, params: lists.matching(box, kind, params, *names))


def _stored(kind: str) -> Callable[[Call], Json]:
    return lambda c: c.box.store.get(kind, c.id)


def _line_items(c: Call) -> Json:
    sessions.retrieve(c.box, c.id)
    return lists.line_items(c.box, c.id, c.params)


def _events(box: Sandbox, params: Json) -> list[Json]:
    """Events of the last 30 days, newest first."""
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.")
    types = params.get("types") or ([params["type"]] if "type" in params else [])
    if len(types) > 20:
        raise invalid("Array types exceeded maximum 20 allowed elements.", param="types")
    fits, oldest = lists.created_filter(params.get("created")), box.clock.now() - 30 * 24 * 60 * 60

    def wanted(event: Json) -> bool:
        named = not types or any(names(pattern, event["type"]) for pattern in types)
        sent = params.get("delivery_success") in (None, event["pending_webhooks"] == 0)
        return bool(named and sent and fits(event) and event["created"] >= oldest)

    return box.store.newest("event", wanted)


def _update_intent(c: Call) -> Json:
    for name in set(c.params) - {"metadata", "description", "expand"}:
        raise unsupported(name, "changing anything but metadata and description.")
    return intents.update(c.box, c.id, c.params)


_OF_A_PAYMENT = ("payment_intent", "charge")

ROUTES: tuple[Route, ...] = tuple(Route(*parts) for parts in (
    ("POST", "/checkout/sessions", cs.SessionCreateParams, lambda c: sessions.create(c.box, c.params, c.base)),
    ("GET", "/checkout/sessions", cs.SessionListParams, _page(sessions.listed)),
    ("GET", "/checkout/sessions/<id>", cs.SessionRetrieveParams, lambda c: sessions.retrieve(c.box, c.id)),
    ("POST", "/checkout/sessions/<id>/expire", cs.SessionExpireParams, lambda c: sessions.expire(c.box, c.id)),
    ("GET", "/checkout/sessions/<id>/line_items", cs.SessionListLineItemsParams, _line_items),
    ("GET", "/payment_intents", p.PaymentIntentListParams, _list("payment_intent", "customer")),
    ("GET", "/payment_intents/<id>", p.PaymentIntentRetrieveParams, lambda c: intents.retrieve(c.box, c.id)),
    ("POST", "/payment_intents/<id>", p.PaymentIntentUpdateParams, _update_intent),
    ("POST", "/payment_intents/<id>/capture", p.PaymentIntentCaptureParams, lambda c: intents.capture(c.box, c.id, c.params)),
    ("POST", "/payment_intents/<id>/cancel", p.PaymentIntentCancelParams, lambda c: intents.cancel(c.box, c.id, c.params)),
    ("GET", "/charges", p.ChargeListParams, _list("charge", "payment_intent", "customer", "transfer_group")),
    ("GET", "/charges/<id>", p.ChargeRetrieveParams, _stored("charge")),
    ("POST", "/refunds", p.RefundCreateParams, lambda c: refunds.create(c.box, c.params)),
    ("GET", "/refunds", p.RefundListParams, _list("refund", *_OF_A_PAYMENT)),
    ("GET", "/refunds/<id>", p.RefundRetrieveParams, lambda c: refunds.retrieve(c.box, c.id)),
    ("POST", "/refunds/<id>", p.RefundUpdateParams, lambda c: refunds.update(c.box, c.id, c.params)),
    ("GET", "/disputes", p.DisputeListParams, _list("dispute", *_OF_A_PAYMENT)),
    ("GET", "/disputes/<id>", p.DisputeRetrieveParams, _stored("dispute")),
    ("GET", "/events", p.EventListParams, _page(_events)),
    ("GET", "/events/<id>", p.EventRetrieveParams, _stored("event")),
    ("GET", "/payment_methods/<id>", p.PaymentMethodRetrieveParams, _stored("payment_method")),
    ("GET", "/balance_transactions", p.BalanceTransactionListParams, _list("balance_transaction", "currency", "source", "type")),
    ("GET", "/balance_transactions/<id>", p.BalanceTransactionRetrieveParams, _stored("balance_transaction")),
    ("GET", "/tax/settings", ts.SettingsRetrieveParams, lambda c: tax.settings(c.box)),
    ("GET", "/webhook_endpoints", p.WebhookEndpointListParams, _page(endpoints.listed)),
    ("GET", "/account", p.AccountRetrieveCurrentParams, lambda c: account.account(c.box)),
    ("GET", "/balance", p.BalanceRetrieveParams, lambda c: account.balance(c.box)),
))  # fmt: skip
