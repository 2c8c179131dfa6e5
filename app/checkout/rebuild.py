"""Make an order again that was paid and then lost with the database: from what stands on Stripe's objects, if it is enough."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.catalogue.models import Run
from app.checkout import owned
from app.checkout.details import normalise
from app.checkout.follow import CONFIRM, follow
from app.checkout.marks import Marks, SoldLine
from app.checkout.quote import title
from app.checkout.settle import allocate_held, book
from app.checkout.stripe_taxes import taxed
from app.drops import limits
from app.drops.models import Drop
from app.drops.sale import Sale
from app.fulfilment import postage
from app.inventory import claims, holds
from app.inventory.models import Hold
from app.inventory.states import LIVE
from app.kernel import keys, outbox
from app.kernel.errors import BadInput, OverLimit
from app.kernel.money import Money
from app.orders import codes, placing, vat
from app.orders.levy import Levy
from app.orders.models import Order
from app.orders.totals import Discount, Postage, Quote, QuoteLine
from app.orders.vat_rates import kind_of
from app.payments import attempts
from app.payments.facts import SessionRecord
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState
from app.privacy import again


class CannotRebuild(Exception):
    """Why an order cannot be made again; a person has to decide."""


def rebuild(session: Session, record: SessionRecord, marks: Marks, now: datetime) -> Order:
    """The order of a session that was paid, with the ids, the number and the copies that it had.

    CannotRebuild, and nothing is changed, when the facts are too few or the copies are somebody else's by now. Money that was
    not taken yet is taken for it; the confirmation is sent only then, as one whose money was taken has been confirmed before.
    Whose buyer was erased comes back without them.
    """
    with session.begin_nested():
        drop, quote = _what(session, record, marks)
        erased = again.was_erased(session, marks.hold_id, record.facts.session_id)
        hold = _hold(session, record, marks, drop, quote, now)
        attempt = _attempt(session, record, marks, hold, quote, now)
        order = placing.place(
            session, hold, quote, record.facts.address, hold.email, attempt.id, now,
            order_id=_free(session, Order, marks.order_id), taxed=taxed(quote, record.facts),
        )  # fmt: skip
        # Whether postage of it went back before is known to Stripe alone, so none goes back by itself.
        allocate_held(session, hold, order, now, postage=False)
        placing.number_again(session, order, marks.order_number)
        attempts.move(attempt, AttemptState.COMPLETE, now)
        payment = book(session, attempt, record.facts, order, None, now)
        if record.facts.intent_status == "succeeded":
            outbox.done_before(session, CONFIRM, str(order.id), {"order": order.id}, now)
        follow(session, payment, record.facts.intent_status, now)
        keys.go_on_after(session, "holds", "checkout_attempts", "orders")
        if erased is not None:
            again.empty(session, hold.id, erased, now)
        audit.note(
            session, "order.rebuilt", "order", order.id, now=now, staff_id=None, label_id=order.label_id, number=order.number
        )
    return order


def _attempt(session: Session, record: SessionRecord, marks: Marks, hold: Hold, quote: Quote, now: datetime) -> CheckoutAttempt:
    """The attempt that was paid: the one that is there still, or made again."""
    known = attempts.of_key(session, record.facts.attempt_key)
    if known is None:
        free = _free(session, CheckoutAttempt, marks.attempt_id)
        return attempts.again(session, free, hold.id, quote.as_json(), quote.total, record)
    if known.hold_id != hold.id:
        raise CannotRebuild("its hold is over")
    attempts.note_session(known, record.facts, now)
    return known


def _what(session: Session, record: SessionRecord, marks: Marks) -> tuple[Drop, Quote]:
    """What was sold, if drop and runs are known here and it adds up to what was paid."""
    drop = session.scalar(select(Drop).where(Drop.slug == marks.drop))
    if drop is None or not marks.lines:
        raise CannotRebuild("it does not say which copies of which drop were sold")
    currency = drop.label.currency
    runs = {entry.run_id: entry.run for entry in drop.entries}
    if any(line.run_id not in runs for line in marks.lines):
        raise CannotRebuild("a run in it is not sold in that drop")
    code = codes.find(session, drop.label_id, marks.code) if marks.code else None
    lines = tuple(_line(line, runs[line.run_id], currency, coded=code is not None) for line in marks.lines)
    goods = sum(line.amount.amount for line in lines)
    rate = postage.rate(session, marks.rate_id)
    posted = Postage(
        marks.rate_id,
        rate.name if rate else "Postage",
        record.facts.address.country,
        Money(record.facts.amount - goods, currency),
        marks.postage_off if code else 0,
    )
    if record.facts.currency != currency or posted.amount.amount < 0:
        raise CannotRebuild("what was paid is not what these copies cost")
    return drop, Quote(lines, posted, Discount(code.id, code.code) if code else None, _levy(session, drop, record))


def _levy(session: Session, drop: Drop, record: SessionRecord) -> Levy:
    """How it is taxed by what its label says today, as on its day; what was paid has VAT in it, wherever that came from."""
    label, kept = drop.label, vat.settings(session, drop.label_id)
    keeps = vat.Keeps(label.id, label.country, label.time_zone, kept.way if kept else None, exclusive=False)
    return vat.levy_of(session, keeps, record.facts.address.country or label.country, record.created_at)


def _line(line: SoldLine, run: Run, currency: str, *, coded: bool) -> QuoteLine:
    """What was paid stands, and what a code took off it too, while that code is known here."""
    unit, off, kind = Money(line.unit, currency), line.off if coded else 0, kind_of(run.format)
    return QuoteLine(run.id, title(run), line.numbers, run.last_number, unit, off, kind)


def _hold(session: Session, record: SessionRecord, marks: Marks, drop: Drop, quote: Quote, now: datetime) -> Hold:
    """The hold with exactly its copies: the one that is there still, or made again if they are free and the fan may have them."""
    try:
        email, key = normalise(record.facts.email)
        limits.lock_buyer(session, drop.id, key)
        limits.check(Sale.of(drop), quote.copies, owned.owned_by_email(session, drop.id, key, besides=0))
    except (BadInput, OverLimit) as refusal:
        raise CannotRebuild(f"{refusal.detail}") from refusal
    known_rate = marks.rate_id if postage.rate(session, marks.rate_id) else None
    hold = _still_there(session, record, marks, drop, quote, now) or _again(session, record, marks, drop, quote, now)
    holds.note_details(hold, email, key, record.facts.address.country, known_rate, "")
    return hold


def _still_there(session: Session, record: SessionRecord, marks: Marks, drop: Drop, quote: Quote, now: datetime) -> Hold | None:
    """The hold that was paid, when only its payment was lost; one that had other copies in it then is put back."""
    hold = holds.locked(session, marks.hold_id)
    if hold is None or hold.drop_id != drop.id or hold.state not in LIVE:
        return None
    pending = attempts.pending(session, hold.id)
    mine = pending is not None and pending.idempotency_key == record.facts.attempt_key
    if not mine and (pending is not None or hold.created_at >= record.created_at):  # keys may come again: it is another's
        return None
    if {each.run_id: each.numbers for each in holds.contents(session, hold.id)} == quote.numbers:
        return hold
    holds.put_back(session, hold, now, claims.MACHINE, "it was changed before it was paid")
    return None


def _again(session: Session, record: SessionRecord, marks: Marks, drop: Drop, quote: Quote, now: datetime) -> Hold:
    """The hold made again, with its copies. What was over when the rows were lost makes room: it seems to be held still."""
    for line in quote.lines:
        for holder_id in holds.holders(session, line.run_id, line.numbers):
            holder = holds.locked(session, holder_id)
            if holder is not None and holder.expires_at <= now and not attempts.pending(session, holder.id):
                holds.put_back(session, holder, now, claims.MACHINE, "lapsed")
    ends = record.created_at + timedelta(minutes=drop.hold_minutes)
    hold = holds.open_again(session, _free(session, Hold, marks.hold_id), drop.id, record.created_at, ends, record.facts.session_id)
    for line in quote.lines:
        if not claims.hold_these(session, line.run_id, line.numbers, hold.id, now):
            raise CannotRebuild("some of its copies are not free any more")
    return hold


def _free(session: Session, table: type[Hold | CheckoutAttempt | Order], key: int) -> int | None:
    """The key that a row had, so that links and marks that name it are right again; None where it is another row's by now."""
    return key if key and session.get(table, key) is None else None
