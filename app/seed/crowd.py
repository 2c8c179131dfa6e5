"""The demo's earlier customers: they buy through the real steps, and pay at the local Stripe."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import requests
from sqlalchemy import or_, select, update

from app.checkout import capture, pay, send, sync
from app.checkout.details import Details, say_where_to
from app.checkout.house import House
from app.checkout.quote import quote
from app.checkout.requests import Returns
from app.checkout.take import Fan, take
from app.drops.models import Drop
from app.drops.sale import Sale
from app.fulfilment import shipping
from app.kernel.db import reading, transaction
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from app.payments.facts import Address
from app.payments.models import CheckoutAttempt, Payment

PEOPLE = (
    ("Hanne Vogt", "DE"), ("Piotr Lis", "PL"), ("Marguerite Roux", "FR"), ("Dunja Petrović", "HR"), ("Owen Pryce", "GB"),
    ("Sefa Yıldız", "DE"), ("Lotte de Wit", "NL"), ("Aino Salmela", "FI"), ("Bruno Caldeira", "PT"), ("Marek Horák", "CZ"),
    ("Ingrid Solheim", "NO"), ("Theo Marsh", "US"), ("Yuki Tanabe", "JP"), ("Clara Weiß", "AT"), ("Emil Brandt", "DE"),
    ("Nadia Haddad", "FR"), ("Joost Bakker", "NL"), ("Katja Ohm", "DE"), ("Siobhán Daly", "IE"), ("Renzo Galli", "IT"),
)  # fmt: skip
TOWNS = {
    "DE": ("Dresden", "01097"), "PL": ("Łódź", "90-001"), "FR": ("Nantes", "44000"), "HR": ("Rijeka", "51000"), "GB": ("Cardiff", "CF10 1EP"),
    "NL": ("Utrecht", "3511 LX"), "FI": ("Tampere", "33100"), "PT": ("Porto", "4000-322"), "CZ": ("Brno", "602 00"), "NO": ("Bergen", "5003"),
    "US": ("Portland", "97205"), "JP": ("Kyoto", "600-8216"), "AT": ("Graz", "8010"), "IE": ("Cork", "T12 W8KP"), "IT": ("Torino", "10123"),
}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """Somebody who buys: who, how many copies of which run, and when."""

    who: int
    wants: dict[int, int]
    at: datetime


class LocalStripe:
    """Pays sessions at the sandbox without a browser."""

    def __init__(self, base: str, token: str) -> None:
        self._base, self._token = base, token

    @classmethod
    def reachable(cls, house: House) -> "LocalStripe | None":
        """The sandbox that these settings name, if it answers."""
        base, token = house.settings.stripe_api_base, os.environ.get("SANDBOX_CONTROL_TOKEN")
        if not base or not token or house.settings.clock_offset_file is None:
            return None
        stripe = cls(base, token)
        try:
            stripe._post("webhooks", {"mode": "drop"})
        except requests.RequestException:
            return None
        return stripe

    def pay(self, session_id: str, name: str, address: dict[str, str]) -> None:
        """Pay with the card that always works."""
        self._post("pay", {"session": session_id, "name": name, "address": address})

    def deliver(self) -> None:
        """From now on events are delivered again."""
        self._post("webhooks", {"mode": "deliver"})

    def _post(self, path: str, body: dict[str, object]) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        requests.post(f"{self._base}/_local/{path}", json=body, headers=headers, timeout=10).raise_for_status()


@contextmanager
def time_travel(offset_file: Path, really: datetime) -> Iterator["Clockwork"]:
    """Lets the shared clock of shop and sandbox be moved, and puts it right at the end."""
    offset_file.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield Clockwork(offset_file, really)
    finally:
        offset_file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Clockwork:
    """Moves the clock that the offset file is for."""

    file: Path
    really: datetime

    def go(self, to: datetime) -> None:
        """Make it `to` now."""
        self.file.write_text(f"{(to - self.really).total_seconds():.3f}\n")


def buy(house: House, stripe: LocalStripe, drop_id: int, visit: Visit) -> int:
    """One purchase from the take to the captured payment; the order's id."""
    name, country = PEOPLE[visit.who % len(PEOPLE)]
    town, postal_code = TOWNS[country]
    address = {"line1": f"{visit.who % 89 + 1} Harbour Road", "city": town, "postal_code": postal_code, "country": country}
    email = f"{name.split(maxsplit=1)[0].lower().encode('ascii', 'ignore').decode()}.{visit.who}@fans.example"
    hold_id, due = _hold(house, drop_id, visit, Details(email, country, None, ""))
    returns = Returns(f"{house.settings.base_url}/", f"{house.settings.base_url}/", house.settings.base_url.split("://")[1])
    pay.pay(house.db, house.gateway, house.clock, hold_id, due, returns, lambda _: Address())
    with reading(house.db) as session:
        attempt = session.scalars(select(CheckoutAttempt).where(CheckoutAttempt.hold_id == hold_id)).one()
    send.send(house.db, house.gateway, house.clock, attempt.id)  # does nothing unless the limiter put it off
    with reading(house.db) as session:
        session_id = session.get_one(CheckoutAttempt, attempt.id).session_id or ""
    stripe.pay(session_id, name, address)
    sync.sync(house.db, house.gateway, house.clock, attempt.id)
    with reading(house.db) as session:
        payment = session.scalars(select(Payment).where(Payment.attempt_id == attempt.id)).one()
    capture.capture(house.db, house.gateway, house.clock, payment.id)
    with reading(house.db) as session:
        return session.scalars(select(Order.id).where(Order.hold_id == hold_id)).one()


def _hold(house: House, drop_id: int, visit: Visit, details: Details) -> tuple[int, int]:
    """Take the copies and say where to; the hold's id and the total in minor units."""
    with transaction(house.db) as session:
        taken = take(
            session, Sale.of(session.get_one(Drop, drop_id)), visit.wants, Fan(secrets.token_urlsafe(16), ""), house.clock.now()
        )
        hold = say_where_to(session, taken.hold.id, details, house.clock.now())
        return hold.id, quote(session, hold).quote.total.amount


def ship_all(house: House, order_ids: Sequence[int], actor: str) -> None:
    """Pack and ship orders, each with a tracking number of its own."""
    for order_id in order_ids:
        with transaction(house.db) as session:
            shipping.pack(session, order_id, house.clock.now())
            shipping.ship(session, order_id, "DHL", f"0034{order_id:012d}", house.clock.now(), actor)


def call_done(house: House, before: datetime) -> None:
    """What the crowd's purchases asked for was done along the way; of their mails only those since `before` are still to go out."""
    done = or_(Job.kind.not_like("mail.%"), Job.created_at < before)
    with transaction(house.db) as session:
        session.execute(
            update(Job).where(done, Job.state == JobState.WAITING).values(state=JobState.DONE, finished_at=Job.created_at)
        )


def visits(size: int, run_ids: Sequence[int], start: datetime, every: timedelta, first: int = 0) -> list[Visit]:
    """People who come one after the other and take `size` copies together, mostly one, sometimes two."""
    found: list[Visit] = []
    left, who = size, first
    while left:
        quantity = min(left, 2 if who % 4 == 1 else 1)
        run = run_ids[0] if len(run_ids) == 1 or who % 3 else run_ids[1]
        found.append(Visit(who, {run: quantity}, start + every * len(found)))
        left, who = left - quantity, who + 1
    return found


def comes_again(found: Sequence[Visit]) -> list[Visit]:
    """The same visits, but the last is by whoever came just before: their two orders leave in one parcel."""
    return [*found[:-1], replace(found[-1], who=found[-2].who)]
