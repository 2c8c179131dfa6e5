"""Labels for the desk: the list, one label's form, and whether its currency may still change."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.labels import TEXTS
from app.catalogue.models import Label
from app.drops.models import Drop
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.orders.models import Order
from app.reports.deeds import Entry, of_entity


@dataclass(frozen=True)
class LabelRow:
    """A label in a list or a choice."""

    id: int
    name: str
    currency: str
    time_zone: str


@dataclass(frozen=True)
class LabelDesk:
    """One label: its form's values, its texts by name, why its currency stays (empty: it may change), its history."""

    id: int
    slug: str
    name: str
    values: dict[str, str | int]
    texts: dict[str, str]
    currency_lock: str
    history: list[Entry]


def rows(session: Session, label_ids: Sequence[int]) -> list[LabelRow]:
    """These labels by name."""
    found = session.scalars(select(Label).where(Label.id.in_(label_ids)).order_by(Label.name))
    return [LabelRow(label.id, label.name, label.currency, label.time_zone) for label in found]


def desk(session: Session, label_id: int) -> LabelDesk:
    """One label's page; NotFound."""
    label = session.get(Label, label_id)
    if label is None:
        raise NotFound("There is no such label.")
    fields = ("name", "tagline", "email", "currency", "time_zone", "country", "packaging_weight", "ink_loud", "ink_quiet")
    values = {name: getattr(label, name) for name in fields} | {"refund_limit": _limit(label)}
    return LabelDesk(
        id=label.id, slug=label.slug, name=label.name, values=values,
        texts={name: getattr(label, name) for name in TEXTS},
        currency_lock=currency_lock(session, label_id),
        history=of_entity(session, "label", label_id, label.time_zone)[::-1],
    )  # fmt: skip


def _limit(label: Label) -> str:
    """The limit as it is typed, empty where there is none."""
    return "" if label.refund_limit is None else str(Money(label.refund_limit, label.currency).decimal)


def currency_lock(session: Session, label_id: int) -> str:
    """Why a label's currency must stay; empty while nothing was sold or announced in it."""
    if session.scalar(select(Order.id).where(Order.label_id == label_id).limit(1)) is not None:
        return "There are orders in this currency, so it stays as it is."
    if session.scalar(select(Drop.id).where(Drop.label_id == label_id, Drop.published_at.is_not(None)).limit(1)) is not None:
        return "A published drop shows prices in this currency, so it stays as it is."
    return ""
