"""Both sides' records, read once when all is quiet: what the shop has stored, what Stripe and the mail server say."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.db import reading
from faults.rig import Rig

Json = dict[str, Any]

ORDERS = """
    SELECT o.id, o.number, o.state, o.fan, o.email, o.total_amount, p.state AS payment, p.intent_id,
        (SELECT count(*) FROM copies c JOIN order_lines l ON l.id = c.order_line_id WHERE l.order_id = o.id) AS copies,
        (SELECT sum(l.quantity) FROM order_lines l WHERE l.order_id = o.id) AS sold
    FROM orders o LEFT JOIN payments p ON p.order_id = o.id WHERE o.fan NOT LIKE 'past-%'
"""
ATTEMPTS = "SELECT idempotency_key, state, session_id FROM checkout_attempts WHERE idempotency_key NOT LIKE 'past-%'"
PAYMENTS = "SELECT intent_id, state, amount, order_id FROM payments WHERE intent_id NOT LIKE 'past-%'"
NUMBERS = """
    SELECT DISTINCT h.fan, r.slug, c.number FROM stock_movements m
    JOIN holds h ON h.id = m.hold_id JOIN copies c ON c.id = m.copy_id JOIN runs r ON r.id = c.run_id
"""
# By the address, in which each fan's name is: an order that was made again knows no cookie.
SOLD = """
    SELECT o.email, o.number AS reference, r.slug, c.number FROM copies c
    JOIN order_lines l ON l.id = c.order_line_id JOIN orders o ON o.id = l.order_id JOIN runs r ON r.id = c.run_id
"""
# Each change of stock by staff stands in the audit log too, and the other way round.
STAFF_DEEDS = """
    SELECT 'copy.' || CASE after WHEN 'withdrawn' THEN 'withdrawn' ELSE 'put_back' END, copy_id, count(*)
    FROM stock_movements WHERE actor LIKE 'staff:%' AND before IS NOT NULL GROUP BY 1, 2
"""
AUDITED = "SELECT deed, entity_id, count(*) FROM audit_log WHERE deed IN ('copy.withdrawn', 'copy.put_back') GROUP BY 1, 2"


@dataclass(frozen=True)
class Books:
    """Both sides' records, read once when all is quiet."""

    orders: list[Any]
    attempts: list[Any]
    payments: list[Any]
    held: set[tuple[str, str, int]]
    sold: set[tuple[str, str, str, int]]
    events: set[str]
    mails: list[tuple[str, str, str | None]]
    staff: Counter[tuple[str, int]]
    audited: Counter[tuple[str, int]]
    sessions: list[Json]
    intents: list[Json]
    deliveries: list[Json]
    letters: Counter[str]
    refunded: dict[str, int]

    def kept(self, intent: Json) -> int:
        """The money of an intent that Stripe took and has not given back."""
        return int(intent["amount_received"]) - self.refunded.get(intent["id"], 0)


def read_books(rig: Rig) -> Books:
    """Read everything."""
    with reading(rig.db) as session:
        rows = _rows(session)
        mails = [(message_id(rig, key), state, error) for key, state, error in rows(
            "SELECT key, state, last_error FROM outbox WHERE kind IN ('mail.confirmed', 'mail.not_charged')"
        )]  # fmt: skip
        return Books(
            orders=rows(ORDERS),
            attempts=rows(ATTEMPTS),
            payments=rows(PAYMENTS),
            held={(fan, run, number) for fan, run, number in rows(NUMBERS)},
            sold={(email.partition("@")[0], f"{reference:05d}", run, number) for email, reference, run, number in rows(SOLD)},
            events={id_ for (id_,) in rows("SELECT id FROM stripe_events")},
            mails=mails,
            staff=Counter({(deed, copy): count for deed, copy, count in rows(STAFF_DEEDS)}),
            audited=Counter({(deed, copy): count for deed, copy, count in rows(AUDITED)}),
            sessions=rig.control.objects("checkout.session"),
            intents=rig.control.objects("payment_intent"),
            deliveries=rig.control.deliveries(),
            letters=rig.sink.copies(),
            refunded={each["payment_intent"]: each["amount_refunded"] for each in rig.control.objects("charge")},
        )


def _rows(session: Session) -> Callable[[str], list[Any]]:
    return lambda sql: list(session.execute(text(sql)).all())


def message_id(rig: Rig, key: str) -> str:
    """The Message-ID that the letter of an outbox row has."""
    host = re.sub(r"^https?://|[:/].*$", "", rig.url)
    return f"<{key.replace(':', '.', 1)}@{host}>"
