"""How long a label keeps what about its fans: its own rule in months, kept by the worker; nothing by age where no number stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from app.drops.models import Reminder
from app.inventory import holds
from app.payments.models import StripeEvent
from app.privacy import aged, emptying, forget, held_back
from app.privacy.models import Retention

ROUND = 200  # rows of each kind in one go


class Keep(StrEnum):
    """What is kept for some months; the names of the columns of `Retention`."""

    UNPAID = "unpaid"
    REMINDERS = "reminders"
    ADDRESSES = "addresses"
    NAMES = "names"
    EVENTS = "events"


# What the form offers where a label has not decided: nothing is erased by it.
OFFERED: dict[Keep, int] = {Keep.UNPAID: 3, Keep.REMINDERS: 1, Keep.ADDRESSES: 24, Keep.NAMES: 60, Keep.EVENTS: 13}
ACCOUNTS_YEARS = 10


@dataclass(frozen=True)
class Rule:
    """Months by kind, None for no end; name and address of what was paid stay for the accounts if `accounts_names`."""

    months: dict[Keep, int | None]
    accounts_years: int = ACCOUNTS_YEARS
    accounts_names: bool = False


NOTHING = Rule(dict.fromkeys(Keep))


def rule_of(session: Session, label_id: int) -> Rule | None:
    """What a label has decided; None when it has not."""
    row = session.get(Retention, label_id)
    return Rule({keep: getattr(row, keep.value) for keep in Keep}, row.accounts_years, row.accounts_names) if row else None


def decide(session: Session, label_id: int, rule: Rule, now: datetime) -> None:
    """Keep a label's rule."""
    row = session.get(Retention, label_id, with_for_update=True) or Retention(label_id=label_id)
    for keep, months in rule.months.items():
        setattr(row, keep.value, months)
    row.accounts_years, row.accounts_names, row.changed_at = rule.accounts_years, rule.accounts_names, now
    session.add(row)
    session.flush()


def next_rows(session: Session, label_id: int, rule: Rule, now: datetime) -> dict[Keep, int]:
    """How many rows of each kind a rule would erase now."""
    found = {keep: _old(keep, label_id, rule, now) for keep in Keep}
    return {
        keep: session.scalar(select(func.count()).select_from(old.subquery())) or 0 if old is not None else 0
        for keep, old in found.items()
    }


def too_old(session: Session, label_id: int, keep: Keep, now: datetime) -> Sequence[Any]:
    """The ids of some rows that a label keeps no longer."""
    old = _old(keep, label_id, rule_of(session, label_id) or NOTHING, now)
    return session.scalars(old.limit(ROUND)).all() if old is not None else []


def erase(session: Session, keep: Keep, ids: Sequence[Any], now: datetime) -> None:
    """Erase these, each looked at once more under its lock."""
    _DEEDS[keep](session, ids, now)


def _old(keep: Keep, label_id: int, rule: Rule, now: datetime) -> Select[Any] | None:
    months = rule.months[keep]
    if months is None:
        return None
    kept_from = datetime(max(1, now.year - rule.accounts_years), 1, 1, tzinfo=UTC) if rule.accounts_names else None
    return _SELECTS[keep](label_id, before(now, months), now, kept_from)


def before(now: datetime, months: int) -> datetime:
    """So many months ago; the 28th where the day is later, so that every month has it."""
    at = now.year * 12 + now.month - 1 - months
    return now.replace(year=at // 12, month=at % 12 + 1, day=min(now.day, 28))


def _empty(session: Session, hold_ids: Sequence[Any], now: datetime) -> None:
    for hold_id in hold_ids:
        emptying.empty(session, hold_id, None, now)


def _empty_addresses(session: Session, hold_ids: Sequence[Any], now: datetime) -> None:
    """Looked at again under the locks: what was asked back or disputed meanwhile stays."""
    for hold_id in hold_ids:
        hold = holds.locked(session, hold_id)
        order = emptying.order_of(session, hold_id)
        if hold is None or order is None or held_back.all_of_it(session, hold, order) is not None:
            continue
        until = held_back.accounts_until(session, order)
        if until is None or until <= now:
            forget.address(session, order)


def _remove(table: type[Reminder | StripeEvent]) -> Callable[[Session, Sequence[Any], datetime], None]:
    def remove(session: Session, ids: Sequence[Any], now: datetime) -> None:
        del now
        session.execute(delete(table).where(table.id.in_(ids)))

    return remove


_SELECTS: dict[Keep, Callable[[int, datetime, datetime, datetime | None], Select[Any]]] = {
    Keep.UNPAID: aged.unpaid,
    Keep.REMINDERS: aged.reminders,
    Keep.ADDRESSES: aged.addresses,
    Keep.NAMES: aged.names,
    Keep.EVENTS: aged.events,
}
_DEEDS: dict[Keep, Callable[[Session, Sequence[Any], datetime], None]] = {
    Keep.UNPAID: _empty,
    Keep.REMINDERS: _remove(Reminder),
    Keep.ADDRESSES: _empty_addresses,
    Keep.NAMES: _empty,
    Keep.EVENTS: _remove(StripeEvent),
}
