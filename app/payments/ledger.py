"""How much of a payment is left: what was captured, less what went back or is on its way, less what a bank took."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.kernel.ready import Ready
from app.kernel.schema import is_one_of, table
from app.payments.models import Dispute, Payment, Refund
from app.payments.states import CLOSED, GIVEN, GONE, DisputeState, PaymentState


@dataclass(frozen=True)
class Ledger:
    """Amounts in minor units of the payment's currency; `disputed` while a dispute is open.

    `given_back` holds what is asked for as well, `gone` only what Stripe has accepted or was paid otherwise.
    """

    captured: int
    given_back: int
    gone: int
    lost: int
    disputed: bool

    @property
    def left(self) -> int:
        """What may still be given back."""
        return max(0, self.captured - self.given_back - self.lost)


_REFUNDS, _DISPUTED = table(Refund).c, table(Dispute).c
_GIVEN = Ready(
    select(_REFUNDS.state, func.sum(_REFUNDS.amount))
    .where(_REFUNDS.payment_id == bindparam("payment"), is_one_of(_REFUNDS.state, *GIVEN))
    .group_by(_REFUNDS.state)
)
_DISPUTES = Ready(select(_DISPUTED.state, _DISPUTED.amount).where(_DISPUTED.payment_id == bindparam("payment")))


def of(session: Session, payment: Payment) -> Ledger:
    """The ledger of a payment; of one that may change, with its row locked."""
    session.flush()
    back = {state: int(amount) for state, amount in _GIVEN.rows(session, payment=payment.id)}
    disputes = _DISPUTES.rows(session, payment=payment.id)
    return Ledger(
        captured=payment.amount if payment.state is PaymentState.CAPTURED else 0,
        given_back=sum(back.values()),
        gone=sum(amount for state, amount in back.items() if state in GONE),
        lost=sum(amount for state, amount in disputes if state is DisputeState.LOST),
        disputed=any(state not in CLOSED for state, _ in disputes),
    )


def locked(session: Session, payment_id: int) -> Payment:
    """The payment, locked and read after locking."""
    return session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)


def of_attempt(session: Session, attempt_id: int) -> Payment | None:
    """The payment that an attempt brought, not locked."""
    return session.scalar(select(Payment).where(Payment.attempt_id == attempt_id))


def of_order(session: Session, order_id: int) -> Payment | None:
    """The payment of an order, locked and read after locking; None when nothing was due."""
    mine = select(Payment).where(Payment.order_id == order_id).with_for_update()
    return session.scalar(mine, execution_options={"populate_existing": True})
