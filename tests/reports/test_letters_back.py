"""The letters about money that goes back and orders that do not stand."""

from sqlalchemy import select

from app.checkout import aftermath, cancel, lapse
from app.checkout.parts import Choice, Plan
from app.kernel.db import Database, reading, transaction
from app.payments.facts import RefundFacts
from app.payments.models import Fate, Refund
from app.payments.states import RefundState
from tests.builders import (
    end_payment,
    facts_of,
    give_back,
    open_attempt,
    open_drop,
    refunded_elsewhere,
    settle_as,
    take_with_details,
)
from tests.cast import ADA, NOW
from tests.giving import copies_of
from tests.reports.test_letters import URL, placed, write


def test_refunded(db: Database) -> None:
    order_id = placed(db, 2)
    first, _ = copies_of(db, order_id)
    refund = give_back(db, order_id, Plan({first: Choice(Fate.KEPT)}, postage=True))
    letter = write(db, "mail.refunded", refund=refund.id)
    assert letter is not None
    assert (letter.to, letter.key) == (ADA.email, "mail.refunded.1")
    assert letter.subject == "€25.95 is on its way back to you"
    for half in (letter.text, letter.html):
        for words in ("€24.00", "№ 001", "Postage", "€1.95", "five to ten working days", "order 00001", f"{URL}/orders/"):
            assert words in half, words
    refunded_elsewhere(db, order_id, 100)
    letter = write(db, "mail.refunded", refund=2)
    assert letter is not None
    assert "A part of what you paid: €1.00" in letter.text


def test_a_confirmation_sent_again_takes_off_what_went_back(db: Database) -> None:
    order_id = placed(db, 2)
    give_back(db, order_id, Plan({copies_of(db, order_id)[0]: Choice(Fate.PUT_BACK)}))
    letter = write(db, "mail.confirmed", order=order_id, again=2)
    assert letter is not None
    assert "№ 001, 002/100: €48.00\nPostage: " in letter.text
    assert (
        "\nTotal, tax included: €49.95\nGiven back: Mira Vale – Night Bus (100 numbered, clear shell), № 001: −€24.00\n"
        in letter.text
    )
    assert "\nRemains: €25.95\n" in letter.text
    assert "−€24.00" in letter.html
    assert "€25.95" in letter.html


def test_a_refund_that_fell_through_meanwhile_is_not_written_about(db: Database) -> None:
    refund = give_back(db, placed(db), Plan(amount=100), RefundState.FAILED)
    assert write(db, "mail.refunded", refund=refund.id) is None


def test_cancelled_before_it_was_charged(db: Database) -> None:
    drop_id, run_id = open_drop(db)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop_id, {run_id: 1}).id))
    assert payment is not None
    with transaction(db) as session:
        cancel.cancel_by_fan(session, payment.order_id or 0, NOW)
    end_payment(db, payment.id, "canceled")
    letter = write(db, "mail.cancelled", order=payment.order_id)
    assert letter is not None
    assert (letter.subject, letter.key) == ("Order 00001 is cancelled", "mail.cancelled.1")
    for half in (letter.text, letter.html):
        for words in ("You called it off before it was packed. You were not charged.", "reserved for some days", f"{URL}/orders/"):
            assert words in half, words


def test_cancelled_by_the_desk(db: Database) -> None:
    order_id = placed(db)
    refunded_elsewhere(db, order_id, 2595)
    letter = write(db, "mail.cancelled", order=order_id)
    assert letter is not None
    for half in (letter.text, letter.html):
        assert "It does not stand any more" in half
        assert "€25.95 goes back to you" in half
    assert write(db, "mail.cancelled", order=404) is None


def test_money_that_was_taken_for_nothing(db: Database) -> None:
    drop_id, run_id = open_drop(db)
    attempt = open_attempt(db, take_with_details(db, drop_id, {run_id: 1}).id)
    payment = settle_as(db, attempt, facts_of(attempt, amount=2594))
    assert payment is not None
    end_payment(db, payment.id, "succeeded")  # somebody captured it in Stripe's dashboard
    said = RefundFacts("re_1", None, 2594, "EUR", RefundState.SUCCEEDED, _key_of(db), "", NOW)
    with transaction(db) as session:
        aftermath.apply(session, payment.id, [said], [], NOW, "")
    letter = write(db, "mail.refunded", refund=1)
    assert letter is not None
    assert (letter.to, "no copy left for you" in letter.text) == (ADA.email, True)
    with transaction(db) as session:
        lapse.put_back(session, attempt.hold_id, NOW)


def _key_of(db: Database) -> str:
    with reading(db) as session:
        return session.scalars(select(Refund.idempotency_key)).one()
