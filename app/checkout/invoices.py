"""Invoices when money is taken and credit notes when it goes back, where the label wants them: without gaps, kept for ever."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout import invoice_facts
from app.checkout.invoice_facts import Json
from app.kernel.errors import Conflict
from app.kernel.upsert import insert
from app.orders import vat
from app.orders.models import Order
from app.orders.vat_models import Invoice, InvoiceCounter, InvoiceKind, OrderTax, TaxCorrection
from app.payments.models import Payment, Refund
from app.payments.states import GONE, PaymentState


def invoice(session: Session, order: Order, now: datetime) -> Invoice | None:
    """The invoice of an order whose money was just taken; None where its label writes none, or nothing was due.

    The counter is locked from here to the commit, so it is asked for last.
    """
    kept = vat.settings(session, order.label_id)
    if kept is None or not kept.invoices or not order.total_amount:
        return None
    session.flush()
    taxed = select(OrderTax.country, OrderTax.rate, OrderTax.net, OrderTax.tax).where(OrderTax.order_id == order.id)
    facts = {
        **invoice_facts.head(session, order, kept, now),
        "lines": list(invoice_facts.lines(session, order)),
        "vat": invoice_facts.by_rate(session.execute(taxed.order_by(OrderTax.id)).all()),
    }
    return _keep(session, order, InvoiceKind.INVOICE, kept.invoice_prefix, facts, order.total_amount, None, now)


def invoice_now(session: Session, order: Order, now: datetime) -> Invoice:
    """The invoice of an order that was paid before its label wrote any, with credit notes for what has gone back of it since.

    The caller has locked the payment. Conflict when there is one, or there can be none.
    """
    if of_order(session, order.id):
        raise Conflict("This order has its invoice already.")
    paid = session.scalar(select(Payment.state).where(Payment.order_id == order.id))
    made = invoice(session, order, now) if paid is PaymentState.CAPTURED and not order.cancelled_at else None
    if made is None:
        raise Conflict("There is an invoice only for an order that stands and is paid, and where the label writes them.")
    gone = select(Refund).where(Refund.order_id == order.id, Refund.state.in_(GONE)).order_by(Refund.id)
    for refund in session.scalars(gone).all():
        credit_note(session, refund, now)
    return made


def credit_note(session: Session, refund: Refund, now: datetime) -> Invoice | None:
    """The credit note of a refund that Stripe has taken on; None where its order has no invoice, or it stands for one that fell
    through after its own note was written."""
    if refund.order_id is None or refund.state not in GONE:
        return None
    first = of_order(session, refund.order_id)
    if not first or _credited(session, refund.order_id) + refund.amount > _gone(session, refund.order_id):
        return None
    order, kept = session.get_one(Order, refund.order_id), vat.settings(session, first[0].label_id)
    if kept is None or any(each.refund_id == refund.id for each in first):
        return None
    taxed = (
        select(OrderTax.country, OrderTax.rate, TaxCorrection.net, TaxCorrection.tax)
        .join(OrderTax, OrderTax.id == TaxCorrection.order_tax_id)
        .where(TaxCorrection.refund_id == refund.id)
    )
    facts = {
        **invoice_facts.head(session, order, kept, now),
        "of": first[0].reference,
        "of_day": first[0].facts["issued_on"],
        "lines": list(invoice_facts.back(session, refund)),
        "vat": invoice_facts.by_rate(session.execute(taxed.order_by(OrderTax.id)).all()),
    }
    return _keep(session, order, InvoiceKind.CREDIT_NOTE, kept.credit_prefix, facts, refund.amount, refund.id, now)


def of_order(session: Session, order_id: int) -> list[Invoice]:
    """What was written about an order: its invoice, then its credit notes."""
    return list(session.scalars(select(Invoice).where(Invoice.order_id == order_id).order_by(Invoice.id)))


def _keep(
    session: Session,
    order: Order,
    kind: InvoiceKind,
    prefix: str,
    facts: Json,
    total: int,
    refund_id: int | None,
    now: datetime,
) -> Invoice:
    """Number it and keep it."""
    made = Invoice(
        label_id=order.label_id,
        order_id=order.id,
        refund_id=refund_id,
        kind=kind,
        number=_number(session, order.label_id, kind),
        prefix=prefix,
        issued_at=now,
        buyer="\n".join(invoice_facts.buyer(order)),
        facts=facts,
        total=total,
    )
    session.add(made)
    session.flush()
    return made


def _number(session: Session, label_id: int, kind: InvoiceKind) -> int:
    """The label's next number of a kind; its row stays locked until the transaction ends, and a rollback gives the number back."""
    first = insert(session, InvoiceCounter).values(label_id=label_id, kind=kind, last=1)
    counted = first.on_conflict_do_update(
        index_elements=[InvoiceCounter.label_id, InvoiceCounter.kind], set_={"last": InvoiceCounter.last + 1}
    )
    return session.scalars(counted.returning(InvoiceCounter.last)).one()


def _credited(session: Session, order_id: int) -> int:
    mine = (Invoice.order_id == order_id, Invoice.kind == InvoiceKind.CREDIT_NOTE)
    return int(session.scalar(select(func.coalesce(func.sum(Invoice.total), 0)).where(*mine)) or 0)


def _gone(session: Session, order_id: int) -> int:
    mine = (Refund.order_id == order_id, Refund.state.in_(GONE))
    return int(session.scalar(select(func.coalesce(func.sum(Refund.amount), 0)).where(*mine)) or 0)
