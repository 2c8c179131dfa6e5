"""What a fan types on the payment page: read, checked, and kept for showing again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cards import Card, read_expiry
from sandbox.confirm import Details

Json = dict[str, Any]
Problems = dict[str, str]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_LONGEST = 200


@dataclass(frozen=True)
class Typed:
    """The fields of the form as text."""

    email: str = ""
    name: str = ""
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    phone: str = ""
    shipping_rate: str = ""
    number: str = ""
    expiry: str = ""
    cvc: str = ""
    card_name: str = ""

    @property
    def digits(self) -> str:
        """The card number without its spaces."""
        return re.sub(r"[\s-]", "", self.number)

    def card(self) -> Card:
        """The card; a missing expiry or CVC never gets this far with a card that needs one."""
        month, _, year = self.expiry.partition("/")
        return Card(self.digits, int(month or 12), 2000 + int(year or 34), self.cvc, self.card_name or self.name)

    def details(self) -> Details:
        """Who and where, for the session."""
        keys = ("line1", "line2", "postal_code", "city", "state", "country")
        address = {key: getattr(self, key) for key in keys} if self.line1 or self.country else {}
        return Details(self.email, self.name or self.card_name, self.phone or None, address, self.shipping_rate or None)


def first_look(session: Json) -> Typed:
    """The form before anything is typed: what the session knows already."""
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries", [])
    chosen = (session["shipping_cost"] or {}).get("shipping_rate") or ""
    collected = (session["collected_information"] or {}).get("shipping_details") or {}
    address = {k: v or "" for k, v in collected.get("address", {}).items()}
    address.setdefault("country", allowed[0] if len(allowed) == 1 else "")
    email = session["customer_email"] or (session["customer_details"] or {}).get("email") or ""
    return Typed(email=email, name=collected.get("name", ""), shipping_rate=chosen, **address)


def read_form(session: Json, form: Mapping[str, str], now: float) -> tuple[Typed, Problems]:
    """What was typed, tidied, and what is wrong with it by field. A test card's button fills in the card."""
    values = {name: form.get(name, "").strip()[:_LONGEST] for name in Typed.__dataclass_fields__}
    values["email"] = session["customer_email"] or values["email"]
    if form.get("test_card"):
        values |= {"number": form["test_card"][:_LONGEST], "expiry": "12/34", "cvc": "123"}
        values["card_name"] = values["card_name"] or values["name"] or "Test Card"
    first = first_look(session)
    values["shipping_rate"] = values["shipping_rate"] or first.shipping_rate
    values["country"] = values["country"] or first.country
    problems = _problems(session, values)
    if session["amount_total"]:
        problems |= _card_problems(values, now)
    return Typed(**values), problems


def _problems(session: Json, values: dict[str, str]) -> Problems:
    problems: Problems = {}
    if not _EMAIL.match(values["email"]):
        problems["email"] = "Enter an e-mail address like name@example.com."
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries")
    if allowed:
        wanted = {"name": "name", "line1": "address", "postal_code": "postal code", "city": "town or city"}
        problems |= {name: f"Enter your {words}." for name, words in wanted.items() if not values[name]}
        if values["country"] not in allowed:
            problems["country"] = "Choose one of the listed countries."
    if session["phone_number_collection"]["enabled"] and not re.search(r"\d{5}", re.sub(r"\D", "", values["phone"])):
        problems["phone"] = "Enter a phone number for the carrier."
    rates = {option["shipping_rate"] for option in session["shipping_options"]}
    if rates and values["shipping_rate"] not in rates:
        problems["shipping_rate"] = "Choose how it is sent."
    return problems


def _card_problems(values: dict[str, str], now: float) -> Problems:
    """Only what can be seen without asking the bank; writes the expiry back as ``MM/YY``."""
    problems: Problems = {}
    if not re.search(r"\d", values["number"]):
        problems["number"] = "Your card number is incomplete."
    expiry = read_expiry(values["expiry"], now)
    if expiry is None:
        problems["expiry"] = "Enter an expiry date in the future, as MM / YY."
    else:
        values["expiry"] = f"{expiry[0]:02d}/{expiry[1] % 100:02d}"
    if not re.fullmatch(r"\d{3,4}", values["cvc"], re.ASCII):
        problems["cvc"] = "Enter the three or four digits of the security code."
    return problems
