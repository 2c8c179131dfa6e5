"""A fan pays: a session is confirmed with a card, authenticated if the bank wants it, and completed or declined."""

from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox import charges, methods, objects, sessions, tax
from sandbox.box import Sandbox
from sandbox.cards import UNAUTHENTICATED, Card, Decline, look_up
from sandbox.errors import StripeError
from sandbox.events import emit
from sandbox.sessions import retrieve, select_rate

Json = dict[str, Any]
Outcome = Literal["complete", "declined", "authenticate", "processing"]


@dataclass(frozen=True)
class Details:
    """What the fan typed besides the card; addresses have Stripe's six keys."""

    email: str = ""
    name: str = ""
    phone: str | None = None
    address: Json = field(default_factory=dict)
    shipping_rate: str | None = None


def pay(box: Sandbox, session_id: str, card: Card, details: Details) -> Outcome:
    """Confirm the session; a decline keeps it open. 400 when it is not open any more."""
    session = _open_session(box, session_id)
    _collect(box, session, details)
    if session["amount_total"] == 0:
        _complete(box, session)
        return "complete"
    intent = _intent(box, session)
    methods.attach_card(box, intent, card, session["customer_details"])
    known = look_up(card.number)
    if known.decline:
        charges.decline(box, intent, known.decline)
        return "declined"
    if known.authenticates:
        _ask_for_authentication(box, session, intent)
        return "authenticate"
    _succeed(box, session, intent, authenticated=False)
    return "complete"


def pay_later(box: Sandbox, session_id: str, details: Details) -> Outcome:
    """Confirm the session with a bank account: complete at once, paid only when ``settle`` says so."""
    session = _open_session(box, session_id)
    _collect(box, session, details)
    if session["amount_total"] == 0:
        raise StripeError("This Checkout Session costs nothing.")
    intent = _intent(box, session)
    for thing in (session, intent):
        thing["payment_method_types"] = ["card", "sepa_debit"]
    methods.attach_bank_account(box, intent, session["customer_details"])
    charges.begin(box, intent)
    _complete(box, session)
    return "processing"


def settle(box: Sandbox, session_id: str, *, success: bool) -> None:
    """The bank account's answer; 400 when nothing waits for it."""
    session = retrieve(box, session_id)
    intent = box.store.find("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise StripeError("This Checkout Session does not wait for a bank.")
    charges.finish(box, intent, success=success)
    if success:
        sessions.mark_paid(box, intent["id"])
    ending = "succeeded" if success else "failed"
    emit(box, f"checkout.session.async_payment_{ending}", retrieve(box, session_id))


def authenticate(box: Sandbox, session_id: str, *, success: bool) -> Outcome:
    """The fan's bank has answered; 400 when nothing waits for it."""
    session = _open_session(box, session_id)
    intent = box.store.find("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "requires_action":
        raise StripeError("This Checkout Session does not wait for an authentication.")
    intent["next_action"] = None
    if not success:
        charges.decline(box, intent, UNAUTHENTICATED, charged=False)
        return "declined"
    _succeed(box, session, intent, authenticated=True)
    return "complete"


def last_decline(box: Sandbox, session: Json) -> Decline | None:
    """Why the latest try failed, if it did."""
    intent = box.store.find("payment_intent", session["payment_intent"] or "")
    error = (intent or {}).get("last_payment_error")
    if not error:
        return None
    return Decline(error["code"], error.get("decline_code"), error["message"])


def _open_session(box: Sandbox, session_id: str) -> Json:
    session = retrieve(box, session_id)
    if session["status"] != "open":
        raise StripeError(f"This Checkout Session has a status of `{session['status']}` and cannot be paid.")
    return session


def _collect(box: Sandbox, session: Json, details: Details) -> None:
    """Write who pays and where it goes into the session, and the chosen postage into its totals."""
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries")
    address = objects.address() | {k: v or None for k, v in details.address.items()}
    if allowed and address["country"] not in allowed:
        raise StripeError(f"The country {address['country']} is not among the allowed ones.", param="address")
    chosen = details.shipping_rate
    if chosen:
        if chosen not in {option["shipping_rate"] for option in session["shipping_options"]}:
            raise StripeError(f"No such shipping option: '{chosen}'", param="shipping_rate")
        select_rate(session, box.store.get("shipping_rate", chosen))
    session["customer_details"] = {
        "address": address if details.address else objects.address(),
        "business_name": None,
        "email": session["customer_email"] or details.email or None,
        "individual_name": None,
        "name": details.name or None,
        "phone": details.phone,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    if allowed:
        shipping = {"address": address, "name": details.name}
        session["collected_information"] = {"business_name": None, "individual_name": None, "shipping_details": shipping}
    tax.count(box, session)
    box.store.put("checkout.session", session)


def _intent(box: Sandbox, session: Json) -> Json:
    """The session's PaymentIntent: made at the first try, brought up to date at every other."""
    private = box.store.get("private.session", session["id"])
    wanted = private["intent_data"]
    known = box.store.find("payment_intent", session["payment_intent"] or "")
    intent = known or objects.intent()
    if known is None:
        new = box.ids.new("pi_3")
        secret = f"{new}_secret_{box.ids.new('', 25)}"
        intent |= {"id": new, "client_secret": secret, "created": box.clock.stamp(), "capture_method": private["capture"]}
        intent |= {name: wanted[name] for name in _FROM_INTENT_DATA if wanted.get(name)}
        session["payment_intent"] = new
        box.store.put("checkout.session", session)
        box.store.put("private.intent", {"session": session["id"]}, new)
    collected = (session["collected_information"] or {}).get("shipping_details")
    intent |= {"amount": session["amount_total"], "currency": session["currency"]}
    if collected:
        intent["shipping"] = {**collected, "carrier": None, "phone": None, "tracking_number": None}
    if known is None:
        emit(box, "payment_intent.created", intent)
    return intent


_FROM_INTENT_DATA = (
    "description", "metadata", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
    "setup_future_usage",
)  # fmt: skip


def _ask_for_authentication(box: Sandbox, session: Json, intent: Json) -> None:
    url = session["url"].replace("/c/pay/", "/c/3ds/")
    redirect = {"return_url": session["url"], "url": url}
    intent |= {"status": "requires_action", "last_payment_error": None}
    intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": redirect}
    box.store.put("payment_intent", intent)
    emit(box, "payment_intent.requires_action", intent)


def _succeed(box: Sandbox, session: Json, intent: Json, *, authenticated: bool) -> None:
    charges.authorise(box, intent, authenticated=authenticated)
    if intent["status"] == "succeeded":
        session["payment_status"] = "paid"
    _complete(box, session)


def _complete(box: Sandbox, session: Json) -> None:
    session |= {"status": "complete", "url": None}
    box.store.put("checkout.session", session)
    box.store.remove("private.open", session["id"])
    emit(box, "checkout.session.completed", session)
