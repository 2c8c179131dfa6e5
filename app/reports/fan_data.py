"""All that a label holds about an e-mail address, for the person behind it: as values for a page, and as they are for a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.drops.models import Drop
from app.inventory.models import DeskHold, Hold
from app.kernel.money import Money
from app.kernel.tokens import Tokens
from app.orders.models import Order
from app.payments.models import CheckoutAttempt
from app.privacy import emptying, erasures, persons
from app.privacy.held_back import Kept
from app.privacy.models import Erasure
from app.privacy.persons import Person
from app.reports import fan_data_orders
from app.reports.sleeves import Imprint, imprint, is_alone

Facts = dict[str, Any]


@dataclass(frozen=True)
class Stays:
    """An order that is kept for now, or a part of it, and why."""

    reference: str
    kept: Kept


@dataclass(frozen=True)
class FanData:
    """One label's share; the lists hold plain values, as they go into the file. `erasure` waits, or has begun."""

    label_id: int
    label: Imprint
    write_to: str
    email: str
    orders: list[Facts]
    holds: list[Facts]
    reminders: list[Facts]
    stays: tuple[Stays, ...]
    erasure: Erasure | None

    @property
    def file(self) -> Facts:
        """What is written into the file."""
        return {
            "label": self.label.name,
            "email": self.email,
            "orders": self.orders,
            "holds": self.holds,
            "reminders": self.reminders,
        }


def everywhere(session: Session, tokens: Tokens, email: str, email_key: str, now: datetime) -> list[FanData]:
    """What every label of the shop holds, each apart."""
    labels = persons.labels_of(session, email, email_key)
    return [fan_data(session, tokens, Person(label_id, email, email_key), now) for label_id in labels]


def fan_data(session: Session, tokens: Tokens, person: Person, now: datetime) -> FanData:
    """What one label holds."""
    label = session.get_one(Label, person.label_id)
    holds = session.scalars(select(Hold).where(Hold.id.in_(persons.holds_of(session, person))).order_by(Hold.id)).all()
    of_holds = select(Order).where(Order.hold_id.in_([hold.id for hold in holds])).order_by(Order.id)
    found = {order.hold_id: order for order in session.scalars(of_holds)}
    theirs = [order for order in found.values() if order.email.lower() == person.email]
    return FanData(
        label_id=label.id,
        label=imprint(label, alone=is_alone(session)),
        write_to=label.email,
        email=person.email,
        orders=fan_data_orders.orders(session, theirs),
        holds=_holds(session, person, holds, found),
        reminders=_reminders(session, person),
        stays=stays(session, [hold.id for hold in holds], now),
        erasure=erasures.waiting(session, tokens, person),
    )


def stays(session: Session, hold_ids: Sequence[int], now: datetime) -> tuple[Stays, ...]:
    """What would be kept of these holds and their orders if they were emptied now."""
    holds = session.scalars(select(Hold).where(Hold.id.in_(hold_ids)).order_by(Hold.id)).all()
    orders = {order.hold_id: order for order in session.scalars(select(Order).where(Order.hold_id.in_(hold_ids)))}
    outlooks = [(orders.get(hold.id), emptying.outlook(session, hold, orders.get(hold.id), now)) for hold in holds]
    return tuple(Stays(order.reference if order is not None else "", kept) for order, kept in outlooks if kept is not None)


def _holds(session: Session, person: Person, holds: Sequence[Hold], orders: Mapping[int, Order]) -> list[Facts]:
    """Of a hold whose order was given another address, as this one was mistyped, only that the address was given."""
    titles = dict(session.execute(select(Drop.id, Drop.title).where(Drop.id.in_({hold.drop_id for hold in holds}))).all())
    ids = [hold.id for hold in holds]
    at_desk = {each.hold_id: each for each in session.scalars(select(DeskHold).where(DeskHold.hold_id.in_(ids)))}
    tried: dict[int, list[Facts]] = {}
    for attempt in session.scalars(select(CheckoutAttempt).where(CheckoutAttempt.hold_id.in_(ids)).order_by(CheckoutAttempt.id)):
        tried.setdefault(attempt.hold_id, []).append(_attempt(attempt))
    others = {hold_id for hold_id, order in orders.items() if order.email.lower() not in {"", person.email}}
    given = {hold.id: _given(hold, titles[hold.drop_id]) for hold in holds}
    return [
        given[hold.id]
        if hold.id in others
        else given[hold.id]
        | {
            "counted_as": hold.email_key,
            "country": hold.country,
            "note": hold.note,
            "cookie": hold.fan,
            "network_fingerprint": hold.network,
            "set_aside_for": at_desk[hold.id].for_whom if hold.id in at_desk else None,
            "set_aside_because": at_desk[hold.id].reason if hold.id in at_desk else None,
            "payments_tried": tried.get(hold.id, []),
        }
        for hold in holds
    ]


def _given(hold: Hold, drop: str) -> Facts:
    return {
        "drop": drop,
        "held_at": hold.created_at.isoformat(),
        "until": hold.expires_at.isoformat(),
        "state": hold.state.value,
        "email": hold.email,
    }


def _attempt(attempt: CheckoutAttempt) -> Facts:
    amount = str(Money(attempt.amount, attempt.currency).decimal)
    return {
        "at": attempt.created_at.isoformat(),
        "state": attempt.state.value,
        "amount": amount,
        "currency": attempt.currency,
        "stripe_session": attempt.session_id,
        "sent_to_stripe": {name: attempt.request[name] for name in ("customer_email",) if name in attempt.request},
    }


def _reminders(session: Session, person: Person) -> list[Facts]:
    wishes = persons.reminders_of(session, person)
    titles = dict(session.execute(select(Drop.id, Drop.title).where(Drop.id.in_([wish.drop_id for wish in wishes]))).all())
    return [
        {
            "drop": titles[wish.drop_id],
            "email": wish.email,
            "counted_as": wish.email_key,
            "asked_at": wish.created_at.isoformat(),
            "confirmed_at": wish.confirmed_at.isoformat() if wish.confirmed_at else None,
            "sent_at": wish.sent_at.isoformat() if wish.sent_at else None,
        }
        for wish in wishes
    ]
