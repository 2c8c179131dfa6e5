"""Very many orders of the past, in a moment: what a migration has to cope with in a shop that has sold for years.

They are rows as the shop writes them, and every invariant holds for them; only Stripe knows nothing of them, so that what is
compared with its record leaves them out by the prefix of their names.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, cast, insert, literal, select, update
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.inventory.models import Copy, Hold, StockMovement
from app.inventory.states import CopyState, HoldState
from app.kernel import keys
from app.kernel.db import Database, transaction
from app.kernel.outbox import Job, JobState
from app.kernel.schema import Base
from app.orders import placing
from app.orders.models import Order, OrderLine, OrderState
from app.orders.vat_models import OrderTax, TaxedAs, VatKind
from app.payments.fee_models import FeePart, PaymentFee
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState, PaymentState
from tests.builders import make_drop, make_label, make_release, make_run

PAST = "past-"  # how the names of these fans, sessions and payments begin
AGO = timedelta(days=40)
PRICE, RUN, VAT, FEE = 2400, 5000, 383, 61
FILLED = (Hold, CheckoutAttempt, Order, OrderLine, OrderTax, Payment, PaymentFee, Parcel, Shipment, StockMovement, Job)


def orders_of_the_past(db: Database, now: datetime, count: int) -> int:
    """Sell runs that are so many copies together, one copy each, at the one label, which has sold nothing yet; how many orders."""
    then = now - AGO
    with transaction(db) as session:
        label = session.scalar(select(Label)) or make_label(session)
        for sold in range(0, count, RUN):
            run = make_run(session, make_release(session, label), size=min(RUN, count - sold), price=PRICE, first_number=sold + 1)
            drop = make_drop(session, [run], opens_at=then - timedelta(hours=1), closes_at=then + timedelta(days=1))
            _sell(session, label.id, drop.id, run.id, then)
        placing.move_counter(session, label.id, count)
        keys.go_on_after(session, *(table.__tablename__ for table in FILLED))
    return count


def _sell(session: Session, label_id: int, drop_id: int, run_id: int, then: datetime) -> None:
    """A copy's number is that of its order, and the key of everything that belongs to it."""
    number = cast(Copy.number, BigInteger)
    name = literal(PAST) + _text(number)
    email, later, left = name + "@example.org", then + timedelta(minutes=10), then + timedelta(days=3)
    buyer = {"email": email, "email_key": email, "country": "DE"}
    copies = select().select_from(Copy).where(Copy.run_id == run_id)

    def put(table: type[Base], **values: Any) -> None:
        into = insert(table).from_select(list(values), _columns(copies, table, values))
        session.execute(into)

    put(Hold, id=number, drop_id=drop_id, fan=name, state=HoldState.SPENT, created_at=then, expires_at=later, sent=True,
        ended_at=later, **buyer)  # fmt: skip
    put(CheckoutAttempt, id=number, hold_id=number, number=1, idempotency_key=name, request={}, quote={}, amount=PRICE,
        currency="EUR", state=AttemptState.COMPLETE, session_id=name, created_at=then, sent_at=then, ended_at=later)  # fmt: skip
    put(Order, id=number, label_id=label_id, drop_id=drop_id, hold_id=number, attempt_id=number, number=number,
        state=OrderState.PLACED, fan=name, name=name, line1="", line2="", postal_code="", city="", region="", currency="EUR",
        lines_amount=PRICE, postage_amount=0, total_amount=PRICE, postage_name="Letter", placed_at=later, **buyer)  # fmt: skip
    put(OrderLine, id=number, order_id=number, run_id=run_id, quantity=1, unit_amount=PRICE, title="Night Bus")
    put(OrderTax, id=number, order_id=number, order_line_id=number, taxed_as=TaxedAs.HOME, country="DE", kind=VatKind.STANDARD,
        rate=1900, net=PRICE - VAT, tax=VAT)  # fmt: skip
    put(Payment, id=number, attempt_id=number, order_id=number, intent_id=name, state=PaymentState.CAPTURED, amount=PRICE,
        currency="EUR", authorised_at=later, ended_at=later)  # fmt: skip
    put(PaymentFee, id=number, payment_id=number, stripe_id=name, amount=FEE, kept=FEE, kept_currency="EUR", at=later,
        noted_at=later)  # fmt: skip
    put(FeePart, fee_id=number, order_line_id=number, amount=FEE)
    put(Parcel, id=number, order_id=number, state=ParcelState.SENT, created_at=later, packed_at=left)
    put(Shipment, id=number, parcel_id=number, carrier="Post", tracking="", tracking_url="", sent_at=left)
    for letter, at in (("confirmed", later), ("shipped", left)):
        put(Job, kind="mail.of_the_past", key=literal(f"mail.{letter}:") + _text(number), once=True, payload={},
            state=JobState.DONE, run_at=at, created_at=at, finished_at=at)  # fmt: skip
    gone = {"copy_id": cast(Copy.id, BigInteger), "actor": "machine", "reason": ""}
    moved = {**gone, "hold_id": number}
    put(StockMovement, at=then, before=CopyState.AVAILABLE, after=CopyState.HELD, **moved)
    put(StockMovement, at=later, before=CopyState.HELD, after=CopyState.ALLOCATED, order_line_id=number, **moved)
    put(StockMovement, at=left, before=CopyState.ALLOCATED, after=CopyState.SHIPPED, order_line_id=number, **gone)
    session.execute(update(Copy).where(Copy.run_id == run_id).values(state=CopyState.SHIPPED, order_line_id=number))


def _columns(copies: Select[Any], table: type[Base], values: dict[str, Any]) -> Select[Any]:
    types = table.__table__.c
    return copies.add_columns(
        *(value if isinstance(value, ColumnElement) else literal(value, types[name].type) for name, value in values.items())
    )


def _text(number: ColumnElement[int]) -> ColumnElement[str]:
    return cast(number, Text)
