"""The hosted-looking payment page, the bank's 3-D Secure page and what a fan sees when it is over."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox import confirm, money
from sandbox.box import Sandbox
from sandbox.cards import TEST_CARDS
from sandbox.errors import StripeError
from sandbox.pay_form import Problems, Typed, first_look, read_form
from sandbox.sessions import origin, retrieve
from sandbox.tidy import tidy

Json = dict[str, Any]

pages = Blueprint("pages", __name__, url_prefix="/c")

_COUNTRIES = Locale("en").territories


@dataclass(frozen=True)
class Line:
    """A line as the page shows it."""

    name: str
    description: str
    image: str
    quantity: int
    each: str
    total: str


@dataclass(frozen=True)
class Choice:
    """A way of shipping, or a country."""

    value: str
    title: str
    price: str = ""


@dataclass(frozen=True)
class View:
    """Everything the payment page shows."""

    session: Json
    merchant: str
    currency: str
    lines: list[Line]
    subtotal: str
    shipping: str
    total: str
    rates: list[Choice]
    countries: list[Choice]
    typed: Typed
    problems: Problems = field(default_factory=dict)
    declined: str = ""


@pages.get("/pay/<session_id>")
def show(session_id: str) -> Response:
    """The form; it stays usable after an expiry, as Stripe's does, and is over after a payment."""
    box, session = _find(session_id)
    if session["status"] == "complete":
        return _over(box, session)
    decline = confirm.last_decline(box, session)
    return _form(box, session, first_look(session), {}, decline.message if decline else "")


@pages.post("/pay/<session_id>")
def pay(session_id: str) -> AnyResponse:
    """Try to pay with what was typed."""
    box, session = _find(session_id)
    if session["status"] != "open":
        return _over(box, session)
    typed, problems = read_form(session, request.form, box.clock.now())
    if problems:
        return _form(box, session, typed, problems, "")
    try:
        with box.store.transaction():
            outcome = confirm.pay(box, session_id, typed.card(), typed.details())
    except StripeError as refusal:  # it ended between our look and the confirmation
        session = retrieve(box, session_id)
        return _over(box, session) if session["status"] != "open" else _form(box, session, typed, {}, refusal.message)
    if outcome == "declined":
        session = retrieve(box, session_id)
        decline = confirm.last_decline(box, session)
        return _form(box, session, typed, {}, decline.message if decline else "")
    if outcome == "authenticate":
        return redirect(f"/c/3ds/{session_id}", 303)
    return _back_to_shop(session)


@pages.get("/3ds/<session_id>")
def challenge(session_id: str) -> AnyResponse:
    """The bank asks whether it is really you."""
    box, session = _find(session_id)
    if session["status"] != "open":
        return _over(box, session)
    intent = box.store.find("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "requires_action":
        return redirect(f"/c/pay/{session_id}", 303)
    amount = money.shown(session["amount_total"], session["currency"])
    return _page("3ds.html", session, merchant=_merchant(box, session), amount=amount)


@pages.post("/3ds/<session_id>")
def answer(session_id: str) -> AnyResponse:
    """Complete or fail the authentication."""
    box, session = _find(session_id)
    if session["status"] != "open":
        return _over(box, session)
    try:
        with box.store.transaction():
            outcome = confirm.authenticate(box, session_id, success=request.form.get("answer") == "complete")
    except StripeError:
        return redirect(f"/c/pay/{session_id}", 303)
    return _back_to_shop(session) if outcome == "complete" else redirect(f"/c/pay/{session_id}", 303)


def _find(session_id: str) -> tuple[Sandbox, Json]:
    box: Sandbox = current_app.extensions["sandbox"]
    tidy(box)
    session = box.store.find("checkout.session", session_id)
    if session is None:
        abort(404)
    return box, session


def _back_to_shop(session: Json) -> AnyResponse:
    return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), 303)


def _over(box: Sandbox, session: Json) -> Response:
    return _page("over.html", session, merchant=_merchant(box, session), shop=_shop_link(session))


def _form(box: Sandbox, session: Json, typed: Typed, problems: Problems, declined: str) -> Response:
    return _page("pay.html", session, view=_view(box, session, typed, problems, declined), cards=TEST_CARDS)


def _view(box: Sandbox, session: Json, typed: Typed, problems: Problems, declined: str) -> View:
    currency = session["currency"]
    rates = [box.store.get("shipping_rate", option["shipping_rate"]) for option in session["shipping_options"]]
    chosen = {rate["id"]: rate["fixed_amount"]["amount"] for rate in rates}.get(typed.shipping_rate, 0)
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries", [])
    countries = sorted((Choice(code, _COUNTRIES.get(code, code)) for code in allowed), key=lambda c: c.title)
    return View(
        session=session,
        merchant=_merchant(box, session),
        currency=currency,
        lines=[_line(box, line) for line in box.store.get("private.session", session["id"])["line_items"]],
        subtotal=money.shown(session["amount_subtotal"], currency),
        shipping=money.shown(chosen, currency) if chosen else "Free",
        total=money.shown(session["amount_subtotal"] + chosen, currency),
        rates=[Choice(r["id"], r["display_name"], money.shown(r["fixed_amount"]["amount"], currency)) for r in rates],
        countries=countries,
        typed=typed,
        problems=problems,
        declined=declined,
    )


def _line(box: Sandbox, line: Json) -> Line:
    product = box.store.get("private.product", line["price"]["product"])
    return Line(
        name=product["name"],
        description=product["description"] or "",
        image=product["images"][0] if product["images"] else "",
        quantity=line["quantity"],
        each=money.shown(line["price"]["unit_amount"], line["currency"]),
        total=money.shown(line["amount_total"], line["currency"]),
    )


def _merchant(box: Sandbox, session: Json) -> str:
    return (session["branding_settings"] or {}).get("display_name") or box.options.merchant


def _shop_link(session: Json) -> str:
    url = session["cancel_url"] or session["success_url"]
    return url if urlsplit(url).scheme in ("http", "https") else "/"


def _page(template: str, session: Json, **values: Any) -> Response:
    """A page with its own policy: no scripts; forms may lead back to the shop, because browsers check redirects too."""
    response = Response(render_template(template, session=session, **values))
    homes = {origin(url) for url in (session["success_url"], session["cancel_url"]) if url}
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self' http: https:; base-uri 'none'; frame-ancestors 'none';"
        f" form-action 'self' {' '.join(sorted(homes))}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
