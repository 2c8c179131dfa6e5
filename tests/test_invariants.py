"""Every invariant holds on a sound shop, and each is broken on purpose once: then it, and only it, finds something."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.checkout import lapse
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.invariants import INVARIANTS, offenders
from app.invariants.kind import AGO
from app.inventory import claims, counts
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.orders.vat_models import VatSettings, VatWay
from app.payments import inbox
from app.payments.facts import EventFacts
from app.payments.models import Fate
from app.payments.states import DisputeState
from tests.builders import (
    disputed,
    end_payment,
    facts_of,
    give_back,
    make_drop,
    make_label,
    make_release,
    make_run,
    open_attempt,
    paid_order,
    settle_as,
    take_with_details,
)
from tests.cast import ADA, BEN, NOW, SAM, someone
from tests.databases import driver, empty_sqlite, loosen, migrate

LATE = "'2026-11-27 22:00:00.000000'"
LONG_AGO = "'2026-11-20 19:00:00.000000'"
PREORDER = "UPDATE runs SET preorder = (1 = 1) WHERE id = 1"
MAKING = "INSERT INTO makings (run_id, step, promised_on, by_month, weeks) VALUES (1, 'printed', '2027-06-30', (1 = 1), 8)"
SAID = (
    "INSERT INTO making_changes (id, run_id, step, promised_on, by_month, note, takes_back, at, actor) "
    f"VALUES (90, 1, 'printed', '2027-06-30', (1 = 1), '', (1 = 0), {LONG_AGO}, 'staff:1')"
)
WAY_OUT = "INSERT INTO ways_out (order_id, run_id, change_id, promised_on, by_month, opened_at, taken_at) VALUES "
MOVED = "INSERT INTO stock_movements (id, copy_id, at, before, after, hold_id, order_line_id, actor, reason) VALUES "


def sound_shop(db: Database) -> None:
    """Holds, payments, orders, parcels and jobs in every state that a sound shop knows.

    Run 1 has ten copies, run 2 five, run 3 is not pressed. Hold 1 is Ada's with copies 1 and 2, where she typed Cara's e-mail;
    hold 2 Ben's, with copy 3 and an open session (attempt 1); holds 3 and 4 became orders 1 (Cara's, shipped) and 2 (paid, two
    lines); hold 5 became order 3, whose capture failed; hold 6 was paid with a wrong amount, voided and
    put back; holds 7 and 8 became orders 4 and 5, of which money went back. Copy 10 is withdrawn.
    """
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        session.add(VatSettings(label_id=release.label_id, way=VatWay.HOME, invoices=True))
        run, other = make_run(session, release, limit=2), make_run(session, release, size=5)
        make_run(session, release, size=3, pressed=False)
        drop = make_drop(session, [run, other], limit=3)
    take_with_details(db, drop.id, {run.id: 2}, replace(ADA, email="cara@example.org"))
    open_attempt(db, take_with_details(db, drop.id, {run.id: 1}, BEN).id)
    shipped = paid_order(db, drop.id, {run.id: 1}, someone("cara"))
    paid_order(db, drop.id, {run.id: 1, other.id: 1}, someone("dan"))
    failed = settle_as(db, open_attempt(db, take_with_details(db, drop.id, {run.id: 1}, someone("edna")).id))
    end_payment(db, failed.id if failed else 0, "canceled")
    wrong = open_attempt(db, take_with_details(db, drop.id, {run.id: 1}, someone("flo")).id)
    voided = settle_as(db, wrong, facts_of(wrong, amount=1))
    end_payment(db, voided.id if voided else 0, "canceled")
    with transaction(db) as session:
        shipping.ship(session, shipped.id, "DHL", "0034", NOW, SAM)
        claims.withdraw(session, 10, NOW, SAM, "cracked shell")
        inbox.remember(
            session,
            EventFacts("evt_1", "checkout.session.completed", NOW, False, None, "cs_test_1", None, 1, "cs_test_1", None),
            1,
            NOW,
        )
        lapse.put_back(session, 6, NOW)
    _given_back(db, drop.id, run.id)


def _given_back(db: Database, drop_id: int, run_id: int) -> None:
    """Order 4 is cancelled and refunded; order 5 has copies 6 and 7, of which 7 was withdrawn, and a dispute that was won."""
    gone = paid_order(db, drop_id, {run_id: 1}, someone("gus"))
    with reading(db) as session:
        [only] = counts.owned_by_lines(session, [line.id for line in session.get_one(Order, gone.id).lines])
    give_back(db, gone.id, Plan({only.copy_id: Choice(Fate.PUT_BACK)}, whole=True))
    kept = paid_order(db, drop_id, {run_id: 2}, someone("hal"))
    give_back(db, kept.id, Plan({7: Choice(Fate.WITHDRAWN, "bent")}, postage=True))
    disputed(db, kept.id)
    disputed(db, kept.id, DisputeState.WON)


@dataclass(frozen=True)
class Mutant:
    """Statements that break one invariant."""

    breaks: str
    sql: tuple[str, ...]


def _mutant(breaks: str, *sql: str) -> Mutant:
    return Mutant(breaks, sql)


def _job(state: str, *, lease: str = "NULL, NULL", run_at: str = LATE, error: str = "NULL") -> str:
    return (
        "INSERT INTO outbox (id, kind, key, once, payload, priority, state, run_at, attempts, created_at, lease_owner, lease_until,"
        f" last_error) VALUES (900, 'x', 'x:1', false, '{{}}', 5, '{state}', {run_at}, 0, {LATE}, {lease}, {error})"
    )


def _order(number: int, hold: int) -> tuple[str, ...]:
    """A further order without copies, owing nothing, whose parcel and confirmation exist."""
    empty = ", ".join(["''"] * 9)
    order = (
        "INSERT INTO orders (id, label_id, drop_id, hold_id, number, generation, state, late, fan, email, email_key, name, line1,"
        " line2, postal_code, city, region, country, note, postage_name, cancel_reason, currency, lines_amount, postage_amount,"
        " total_amount, placed_at)"
        f" VALUES (90, 1, 1, {hold}, {number}, 1, 'placed', false, 'f', 'e', 'e', {empty}, '', 'EUR', 0, 0, 0, {LATE})"
    )
    parcel = f"INSERT INTO parcels (id, order_id, state, created_at) VALUES (90, 90, 'open', {LATE})"
    return order, parcel, _mail("mail.confirmed:90"), "UPDATE order_counters SET last = 100"


def _mail(key: str) -> str:
    columns = "id, kind, key, once, payload, priority, state, run_at, attempts, created_at"
    return f"INSERT INTO outbox ({columns}) VALUES (90, 'mail', '{key}', true, '{{}}', 6, 'done', {LATE}, 0, {LATE})"


def _code(label: int = 1, most_uses: str = "NULL", once: str = "false") -> str:
    columns = "id, label_id, code, kind, value, every_run, once_per_fan, most_uses, created_at"
    return f"INSERT INTO discount_codes ({columns}) VALUES (90, {label}, 'X', 'amount', 1, true, {once}, {most_uses}, {LATE})"


MISHAP = "INSERT INTO mishaps (id, order_line_id, copy_id, what, words, unit_amount, again_order_id, actor, at) VALUES"
COUNT = (
    "INSERT INTO stock_counts (id, run_id, since, opened_at, opened_by, closed_at, closed_by)"
    f" VALUES (90, 1, 1, {LONG_AGO}, 'staff:1', {LONG_AGO}, 'staff:1')"
)
COUNTED = "INSERT INTO counted_copies (count_id, copy_id, at, actor) VALUES"
HALVED = "UPDATE order_lines SET quantity = 2, unit_amount = unit_amount / 2 WHERE id = {}"  # one of two is gone, one is there
FREE_LINE = "INSERT INTO order_lines (id, order_id, run_id, quantity, unit_amount, title) VALUES (90, 90, 1, 0, 0, '')"
UNTAXED = (
    "INSERT INTO order_taxes (order_id, order_line_id, taxed_as, country, kind, rate, net, tax)"
    " VALUES (90, 90, 'unsaid', 'DE', 'standard', 0, 0, 0)"
)

DELIVERY = (
    "INSERT INTO deliveries (id, run_id, at, actor, came, expected, by_number, unanswered, answer_by, promise, words)"
    f" VALUES (90, 1, {LATE}, 'staff:1', 9, 10, true, 'refund', '2026-12-11 22:00:00.000000', '', '')"
)
TOLD = _mail("mail.short:2:90-offer")
OWN = "(SELECT MIN(id) FROM copies WHERE order_line_id = 2)"


def _short(line: int, copy: int | str, state: str, id_: int = 90, instead: str = "NULL") -> str:
    """A row about a copy that did not come."""
    columns = "id, delivery_id, copy_id, order_line_id, state, offered_at, answered_by, words, trouble, closed_at, instead_id"
    closed = "NULL" if state == "offered" else LATE
    values = f"{id_}, 90, {copy}, {line}, '{state}', {LATE}, '', '', '', {closed}, {instead}"
    return f"INSERT INTO shortfalls ({columns}) VALUES ({values})"


MUTANTS = (
    _mutant("stock.numbered_once", "UPDATE runs SET edition_size = 11 WHERE id = 1"),
    _mutant("stock.within_run", "UPDATE runs SET first_number = 0 WHERE id = 1"),
    _mutant(
        "stock.issue_after_issue",
        "INSERT INTO copies (run_id, number, issue, state) VALUES (1, 10, 2, 'available')",
        f"{MOVED} (990, (SELECT MAX(id) FROM copies), {LATE}, NULL, 'available', NULL, NULL, 'machine', 'pressed')",
    ),
    _mutant(
        "stock.reserve_is_nobodys",
        "INSERT INTO copies (run_id, number, issue, state) VALUES (1, NULL, 1, 'available')",
        f"{MOVED} (990, (SELECT MAX(id) FROM copies), {LATE}, NULL, 'available', NULL, NULL, 'machine', 'pressed')",
    ),
    _mutant("stock.one_owner", "UPDATE copies SET hold_id = NULL WHERE id = 2"),
    _mutant(
        "stock.held_by_live",
        f"{MOVED} (900, 9, {LATE}, 'available', 'held', 3, NULL, 'fan', '')",
        "UPDATE copies SET state = 'held', hold_id = 3 WHERE id = 9",
    ),
    _mutant(
        "stock.no_empty_hold",
        "INSERT INTO holds (id, drop_id, fan, network, state, generation, created_at, expires_at, grace_given, sent, email,"
        f" email_key, country, note) VALUES (90, 1, 'f', '', 'active', 1, {LATE}, {LATE}, false, false, '', '', '', '')",
    ),
    _mutant("stock.sold_here", "DELETE FROM drop_runs WHERE run_id = 1"),
    _mutant(
        "stock.line_owns_its_copies",
        f"{MOVED} (900, 9, {LATE}, 'available', 'allocated', 4, 2, 'machine', '')",
        "UPDATE copies SET state = 'allocated', order_line_id = 2 WHERE id = 9",
    ),
    _mutant("stock.line_owns_its_run", "UPDATE order_lines SET run_id = 3 WHERE id = 2"),
    _mutant(
        "stock.cancelled_owns_nothing",
        f"{MOVED} (900, 9, {LATE}, 'available', 'allocated', 5, 4, 'machine', '')",
        "UPDATE copies SET state = 'allocated', order_line_id = 4 WHERE id = 9",
    ),
    _mutant(
        "stock.one_live_hold",
        "UPDATE holds SET fan = 'ben-cookie' WHERE id = 1",
        "UPDATE drops SET limit_per_fan = 9",
        "UPDATE runs SET limit_per_fan = 9",
    ),
    _mutant("limit.run_by_fan", "UPDATE runs SET limit_per_fan = 1 WHERE id = 1"),
    _mutant("limit.drop_by_fan", "UPDATE holds SET fan = 'dan-cookie' WHERE id = 1", "UPDATE runs SET limit_per_fan = NULL"),
    _mutant(
        "limit.run_by_email",
        "UPDATE holds SET email_key = 'cara@example.org' WHERE id = 2 OR id = (SELECT hold_id FROM orders WHERE id = 2)",
        "UPDATE orders SET fan = 'another' WHERE id = 2",
        "UPDATE drops SET limit_per_fan = NULL",
    ),
    _mutant(
        "limit.drop_by_email",
        "UPDATE holds SET email_key = 'dan@example.org' WHERE id = 2 OR id = (SELECT hold_id FROM orders WHERE id = 1)",
        "UPDATE runs SET limit_per_fan = NULL",
    ),
    _mutant("time.nothing_before_opening", f"UPDATE drops SET opens_at = {LATE}"),
    _mutant("time.active_lapses", f"UPDATE holds SET created_at = {LONG_AGO}, expires_at = {LONG_AGO} WHERE id = 1"),
    _mutant("time.closing_ends", f"UPDATE holds SET state = 'closing', expires_at = {LONG_AGO} WHERE id = 2"),
    _mutant(
        "time.put_back_cannot_be_paid",
        f"UPDATE holds SET state = 'put_back', ended_at = {LATE} WHERE id = 2",
        f"{MOVED} (900, 3, {LATE}, 'held', 'available', 2, NULL, 'fan', '')",
        "UPDATE copies SET state = 'available', hold_id = NULL WHERE hold_id = 2",
    ),
    _mutant("time.session_ends", f"UPDATE checkout_attempts SET session_expires_at = {LONG_AGO} WHERE id = 1"),
    _mutant("time.event_heard", f"UPDATE stripe_events SET received_at = {LONG_AGO}"),
    _mutant(
        "money.total_adds_up",
        "UPDATE order_lines SET unit_amount = unit_amount + 1 WHERE id = 1",
        "UPDATE order_taxes SET net = net + 1 WHERE order_line_id = 1",
    ),
    _mutant("money.paid_is_due", "UPDATE payments SET amount = amount + 1 WHERE id = 1"),
    _mutant("money.asked_is_due", "UPDATE checkout_attempts SET currency = 'USD' WHERE id = 2"),
    _mutant("money.same_attempt", "UPDATE checkout_attempts SET hold_id = 6 WHERE id = 2"),
    _mutant(
        "money.order_has_payment",
        "DELETE FROM payments WHERE id = 2",
        "UPDATE checkout_attempts SET state = 'expired' WHERE id = 3",
    ),
    _mutant(
        "money.captured_has_order",
        "UPDATE payments SET state = 'captured' WHERE id = 4",
        "INSERT INTO fees_wanted (payment_id, tries) VALUES (4, 0)",
    ),
    _mutant(
        "money.failed_is_cancelled",
        "UPDATE orders SET state = 'placed', cancelled_at = NULL WHERE id = 3",
        "UPDATE order_lines SET quantity = 0 WHERE order_id = 3",
        "UPDATE orders SET lines_amount = 0, postage_amount = total_amount WHERE id = 3",
        "UPDATE order_taxes SET net = (SELECT total_amount FROM orders WHERE id = 3), tax = 0"
        " WHERE order_id = 3 AND order_line_id IS NULL",
        "UPDATE order_taxes SET net = 0, tax = 0 WHERE order_id = 3 AND order_line_id IS NOT NULL",
    ),
    _mutant("money.voided_has_no_order", "UPDATE payments SET void_reason = NULL WHERE id = 4"),
    _mutant(
        "money.authorised_ends",
        "UPDATE payments SET state = 'authorised', ended_at = NULL WHERE id = 4",
        f"UPDATE payments SET authorised_at = {LONG_AGO} WHERE id = 4",
    ),
    _mutant("money.complete_has_payment", "UPDATE checkout_attempts SET state = 'expired' WHERE id = 5"),
    _mutant(
        "money.one_pending_attempt",
        "INSERT INTO checkout_attempts (id, hold_id, number, idempotency_key, request, quote, amount, currency, state, created_at)"
        f" VALUES (90, 2, 9, 'k', '{{}}', '{{}}', 1, 'EUR', 'wanted', {LATE})",
    ),
    _mutant("money.fee_known_or_wanted", "DELETE FROM fees_wanted WHERE payment_id = 1"),
    _mutant(
        "money.fee_parts_within",
        "INSERT INTO payment_fees (id, payment_id, stripe_id, amount, kept, kept_currency, at, noted_at)"
        f" VALUES (90, 1, 'txn', 5, 5, 'EUR', {LATE}, {LATE})",
        "INSERT INTO fee_parts (fee_id, order_line_id, amount) VALUES (90, 1, 6)",
        "DELETE FROM fees_wanted WHERE payment_id = 1",
    ),
    _mutant("refunds.parts_add_up", "UPDATE refund_parts SET amount = 1 WHERE id = 3"),
    _mutant(
        "refunds.within_captured",
        "UPDATE refunds SET amount = 9999 WHERE id = 1",
        "UPDATE refund_parts SET amount = 9999 WHERE id = 1",
        "DELETE FROM tax_corrections WHERE refund_id = 1 AND id > 1",
        "UPDATE tax_corrections SET net = 9999, tax = 0 WHERE refund_id = 1",
        "UPDATE refund_parts SET amount = 0 WHERE id = 2",
    ),
    _mutant(
        "refunds.postage_was_paid",
        "UPDATE refund_parts SET amount = amount + 1 WHERE kind = 'postage' AND refund_id = 2",
        "UPDATE refund_parts SET amount = amount - 1 WHERE kind = 'copy' AND refund_id = 2",
    ),
    _mutant("refunds.of_captured", "UPDATE refunds SET currency = 'USD' WHERE id = 2"),
    _mutant("refunds.of_its_copies", "UPDATE refund_parts SET copy_id = 11 WHERE copy_id = 7"),
    _mutant(
        "refunds.taken_back_is_not_owned",
        "UPDATE refund_parts SET fate = 'put_back', copy_id = 7 WHERE copy_id = 7",
        f"{MOVED} (900, 7, {LATE}, 'withdrawn', 'available', NULL, NULL, 'staff:1', '')",
        f"{MOVED} (901, 7, {LATE}, 'available', 'allocated', 8, 6, 'machine', '')",
        "UPDATE copies SET state = 'allocated', order_line_id = 6 WHERE id = 7",
        "UPDATE order_lines SET quantity = 3, unit_amount = 1600 WHERE id = 6",
    ),
    _mutant(
        "refunds.undecided_is_cancelled",
        "UPDATE refund_parts SET fate = 'undecided' WHERE copy_id = 7",
        "UPDATE order_lines SET quantity = 1, unit_amount = 4800 WHERE id = 6",
    ),
    _mutant("refunds.failed_has_reason", "UPDATE refunds SET state = 'failed', ended_at = created_at WHERE id = 1"),
    _mutant("disputes.of_captured", "UPDATE disputes SET currency = 'USD'"),
    _mutant("disputes.not_shipped", f"UPDATE disputes SET payment_id = 1, heard_at = {LONG_AGO}, closed_at = {LATE}"),
    _mutant("disputes.not_refunded", "UPDATE disputes SET heard_at = '2026-11-27 18:00:00.000000', closed_at = " + LATE),
    _mutant("discounts.order_says_why", "INSERT INTO line_discounts (order_line_id, off) VALUES (2, 1)"),
    _mutant("discounts.own_label", _code(label=2), "INSERT INTO hold_codes (hold_id, code_id) VALUES (1, 90)"),
    _mutant(
        "discounts.not_over_used",
        _code(most_uses="1"),
        "INSERT INTO hold_codes (hold_id, code_id) VALUES (2, 90)",
        "INSERT INTO order_codes (order_id, code_id, postage_off) VALUES (2, 90, 1)",
    ),
    _mutant(
        "discounts.once_per_fan",
        _code(once="true"),
        "INSERT INTO order_codes (order_id, code_id, postage_off) VALUES (1, 90, 1), (2, 90, 1)",
        "UPDATE holds SET email_key = 'cara@example.org' WHERE id = (SELECT hold_id FROM orders WHERE id = 2)",
    ),
    _mutant("vat.lines_add_up", "UPDATE order_taxes SET net = net - 1 WHERE order_line_id = 2"),
    _mutant("vat.postage_adds_up", "UPDATE order_taxes SET tax = tax + 1 WHERE order_id = 2 AND order_line_id IS NULL"),
    _mutant("vat.refunds_correct", "UPDATE tax_corrections SET net = net - 1 WHERE refund_id = 1"),
    _mutant("vat.corrects_its_order", "UPDATE tax_corrections SET order_tax_id = 1 WHERE refund_id = 1"),
    _mutant(
        "vat.invoices_no_gap",
        "UPDATE invoices SET number = 9 WHERE number = 2 AND kind = 'invoice'",
        "UPDATE invoice_counters SET last = 9 WHERE kind = 'invoice'",
    ),
    _mutant("vat.invoice_is_the_total", "UPDATE invoices SET total = total + 1 WHERE kind = 'invoice' AND number = 1"),
    _mutant("orders.no_gap", "UPDATE orders SET number = 7 WHERE id = 2", "UPDATE order_counters SET last = 7"),
    _mutant("orders.counted", "UPDATE order_counters SET last = 2"),
    _mutant("orders.one_per_hold", *_order(6, 3), FREE_LINE, UNTAXED),
    _mutant(
        "orders.one_payment",
        "INSERT INTO checkout_attempts (id, hold_id, number, idempotency_key, request, quote, amount, currency, state, created_at)"
        f" SELECT 90, hold_id, 9, 'k', '{{}}', '{{}}', amount, currency, 'complete', {LATE} FROM checkout_attempts WHERE id = 2",
        "INSERT INTO payments (id, attempt_id, order_id, intent_id, state, amount, currency, authorised_at, ended_at)"
        f" SELECT 90, attempt_id, order_id, 'pi_90', state, amount, currency, {LATE}, {LATE} FROM payments WHERE id = 1",
        "DELETE FROM checkout_attempts WHERE id = 90",
        "INSERT INTO fees_wanted (payment_id, tries) VALUES (90, 0)",
    ),
    _mutant("orders.hold_is_spent", *_order(6, 6), FREE_LINE, UNTAXED),
    _mutant("orders.has_lines", *_order(6, 6), "UPDATE holds SET state = 'spent' WHERE id = 6"),
    _mutant("parcels.one_per_order", f"INSERT INTO parcels (id, order_id, state, created_at) VALUES (90, 2, 'open', {LATE})"),
    _mutant(
        "parcels.sent_has_shipment",
        f"INSERT INTO shipments (id, parcel_id, carrier, tracking, tracking_url, sent_at) VALUES (90, 2, '', '', '', {LONG_AGO})",
        _mail("mail.shipped:90"),
    ),
    _mutant(
        "parcels.shipped_together",
        f"{MOVED} (900, 5, {LATE}, 'allocated', 'shipped', 4, 2, 'staff:1', '')",
        "UPDATE copies SET state = 'shipped' WHERE order_line_id = 2",
    ),
    _mutant("parcels.paid_first", "UPDATE parcels SET state = 'packed' WHERE order_id = 3"),
    _mutant(
        "parcels.joined_are_one",
        f"INSERT INTO joined_parcels (parcel_id, into_id, at) VALUES (5, 2, {LATE})",
        "UPDATE orders SET email_key = 'hal@example.org' WHERE id = 2",
        "UPDATE runs SET limit_per_fan = NULL",
        "UPDATE drops SET limit_per_fan = NULL",
        "UPDATE parcels SET state = 'locked' WHERE id = 5",
    ),
    _mutant("parcels.joined_by_one_fan", f"INSERT INTO joined_parcels (parcel_id, into_id, at) VALUES (5, 2, {LATE})"),
    _mutant("parcels.postage_of_its_order", f"INSERT INTO shared_postage (order_id, refund_id, at) VALUES (2, 2, {LATE})"),
    _mutant(
        "mishaps.copy_is_gone",
        f"{MISHAP} (90, 1, (SELECT id FROM copies WHERE order_line_id = 1), 'lost', '', 2400, NULL, 'staff:1', {LATE})",
        HALVED.format(1),
    ),
    _mutant("mishaps.parcel_had_left", f"{MISHAP} (90, 2, 9, 'lost', '', 2400, NULL, 'staff:1', {LATE})", HALVED.format(2)),
    _mutant("mishaps.one_for_one", f"{MISHAP} (90, 1, 9, 'lost', '', 2400, 2, 'staff:1', {LATE})", HALVED.format(1)),
    _mutant("preorders.has_making", PREORDER),
    _mutant("preorders.stands_as_said", PREORDER, MAKING),
    _mutant("preorders.way_out_slipped", PREORDER, MAKING, SAID, f"{WAY_OUT} (2, 1, 90, '2027-07-31', (1 = 1), {LATE}, NULL)"),
    _mutant("preorders.way_out_taken", PREORDER, MAKING, SAID, f"{WAY_OUT} (2, 1, 90, '2027-03-31', (1 = 1), {LATE}, {LATE})"),
    _mutant("shortfalls.open_is_owed", DELIVERY, TOLD, _short(2, 9, "offered")),
    _mutant("shortfalls.one_outcome", DELIVERY, TOLD, _short(2, 9, "left"), _short(2, 9, "left", 91)),
    _mutant("shortfalls.outcome_is_gone", DELIVERY, TOLD, _short(2, OWN, "left")),
    _mutant("shortfalls.refunded_has_money", DELIVERY, TOLD, _short(2, 9, "refunded")),
    _mutant("shortfalls.instead_was_theirs", DELIVERY, TOLD, _short(2, 9, "exchanged", instead="8")),
    _mutant(
        "shortfalls.nothing_leaves_without_it",
        DELIVERY,
        TOLD,
        _short(2, OWN, "offered"),
        "UPDATE parcels SET state = 'packed' WHERE order_id = 2",
    ),
    _mutant("shortfalls.told", DELIVERY, _short(2, OWN, "offered")),
    _mutant(
        "shortfalls.last_day_is_kept",
        DELIVERY,
        TOLD,
        _short(2, OWN, "offered"),
        "UPDATE deliveries SET at = '2026-11-20 18:00:00.000000', answer_by = '2026-11-20 19:00:00.000000'",
    ),
    _mutant("counts.closed_is_over", COUNT, f"{COUNTED} (90, 1, {LATE}, 'staff:1')"),
    _mutant("counts.of_its_run", COUNT, f"{COUNTED} (90, 11, {LONG_AGO}, 'staff:1')"),
    _mutant("jobs.confirmed_once", "DELETE FROM outbox WHERE key = 'mail.confirmed:2'"),
    _mutant("jobs.shipped_once", "UPDATE outbox SET key = 'mail.shipped:99' WHERE key = 'mail.shipped:1'"),
    _mutant("jobs.not_charged_once", "DELETE FROM outbox WHERE key = 'mail.not_charged:4'"),
    _mutant("jobs.cancelled_once", "DELETE FROM outbox WHERE key = 'mail.cancelled:4'"),
    _mutant("jobs.refunded_once", "DELETE FROM outbox WHERE key = 'mail.refunded:2'"),
    _mutant("jobs.not_stuck", _job("waiting", run_at=LONG_AGO)),
    _mutant("jobs.dead_has_reason", _job("dead")),
    _mutant("jobs.leased_has_owner", _job("leased", lease=f"NULL, {LATE}")),
    _mutant(
        "history.made_once",
        "UPDATE stock_movements SET before = 'available' WHERE copy_id = 9",
        "UPDATE stock_movements SET before = 'withdrawn' WHERE copy_id = 9",
    ),
    _mutant("history.no_gap", f"{MOVED} (900, 9, {LATE}, 'held', 'available', NULL, NULL, 'fan', '')"),
    _mutant(
        "history.legal",
        f"{MOVED} (900, 9, {LATE}, 'available', 'shipped', NULL, NULL, 'fan', '')",
        f"{MOVED} (901, 9, {LATE}, 'shipped', 'available', NULL, NULL, 'fan', '')",
    ),
    _mutant("history.ends_here", f"{MOVED} (900, 9, {LATE}, 'available', 'withdrawn', NULL, NULL, 'staff:1', 'bent')"),
    _mutant("history.owner", "UPDATE stock_movements SET hold_id = 2 WHERE copy_id = 1 AND after = 'held'"),
    _mutant("history.allocated_from_its_hold", "UPDATE stock_movements SET hold_id = 6 WHERE copy_id = 5 AND after = 'allocated'"),
    _mutant("history.withdrawn_has_reason", "UPDATE stock_movements SET reason = '' WHERE after = 'withdrawn'"),
)


def test_ids_are_unique_and_every_one_has_a_mutant() -> None:
    ids = [invariant.id for invariant in INVARIANTS]
    assert len(ids) == len(set(ids)) >= 50
    assert {mutant.breaks for mutant in MUTANTS} == set(ids)
    assert all(len(invariant.why) > 10 for invariant in INVARIANTS)


def test_a_sound_shop_breaks_none(db: Database) -> None:
    sound_shop(db)
    with reading(db) as session:
        assert offenders(session, NOW) == []
        assert offenders(session, NOW, since=NOW) == []


@pytest.mark.parametrize("group", sorted({mutant.breaks.partition(".")[0] for mutant in MUTANTS}))
def test_each_catches_what_it_is_for(db: Database, unchecked: None, group: str) -> None:
    sound_shop(db)
    wanted = [mutant for mutant in MUTANTS if mutant.breaks.partition(".")[0] == group]
    assert {mutant.breaks: _broken_by(db, mutant) for mutant in wanted} == {mutant.breaks: {mutant.breaks} for mutant in wanted}


def test_none_reads_the_whole_outbox_for_each_order(tmp_path: Path) -> None:
    """A label that has sold for years audits its shop in seconds: a job is found by its key."""
    ages = dict.fromkeys((*AGO, "now", "since"), "2026-11-27")
    with empty_sqlite(tmp_path) as fresh:
        migrate(fresh.engine)
        with fresh.engine.connect() as connection:
            plans = {
                each.id: connection.execute(text(f"EXPLAIN QUERY PLAN {each.sql}"), ages).all()
                for each in INVARIANTS
                if "FROM outbox j " in each.sql
            }
    assert len(plans) >= 5
    assert {id_: plan for id_, plan in plans.items() if any(step.detail.startswith("SCAN j") for step in plan)} == {}


def _broken_by(db: Database, mutant: Mutant) -> set[str]:
    """The invariants that break with a mutant, which is then undone."""
    with db.engine.connect() as connection:
        loosen(connection, {name for sql in mutant.sql for name in re.findall(r"(?:INTO|UPDATE|FROM) ([a-z_]+)", sql)})
        for statement in mutant.sql:
            connection.exec_driver_sql(statement)
        with Session(bind=connection) as session:
            broken = {invariant.id for invariant, _ in offenders(session, NOW)}
        connection.rollback()
        if db.is_sqlite:
            driver(connection).execute("PRAGMA foreign_keys = ON")
    return broken
