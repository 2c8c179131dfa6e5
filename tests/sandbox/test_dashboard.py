"""Deeds in the dashboard and of banks: refunds that wait and fail, disputes, cancelled intents, delayed methods."""

import pytest
import requests
import stripe

from tests.sandbox.builders import session_params


def pay(client, control, card="4242424242424242"):
    """A captured payment with this card: its intent."""
    session = client.v1.checkout.sessions.create(session_params())
    paid = control.pay(session.id, card, authenticate="complete")
    return client.v1.payment_intents.capture(paid["payment_intent"]["id"])


def charge_of(client, intent):
    """The charge as it is now."""
    return client.v1.charges.retrieve(intent.latest_charge)


def happened(client, count):
    """The types of the latest events, oldest first."""
    return [e.type for e in client.v1.events.list({"limit": count}).data][::-1]


@pytest.fixture
def captured(client, control):
    """A captured payment: its intent."""
    return pay(client, control)


# Refunds.


def test_a_refund_in_the_dashboard(client, control, captured):
    part = control.refund(captured.id, 750)
    rest = control.refund(captured.id)
    assert (part["status"], part["amount"], rest["amount"]) == ("succeeded", 750, 2000)
    assert [r.id for r in client.v1.refunds.list({"payment_intent": captured.id}).data] == [rest["id"], part["id"]]
    assert charge_of(client, captured).refunded
    event = client.v1.events.list({"type": "refund.created"}).data[0]
    assert (event.data.object["id"], event.request.id) == (rest["id"], None)


def test_what_a_refund_tells(client, control, captured):
    control.refund(captured.id, 750)
    assert happened(client, 4) == ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]


def test_a_refund_that_fails_later(client, control):
    intent = pay(client, control, "4000000000005126")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, charge_of(client, intent).refunded) == ("succeeded", True)
    control.advance(31)
    refund = client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (refund.status, refund.failure_reason) == ("failed", "lost_or_stolen_card")
    assert (refund.failure_balance_transaction.amount, refund.failure_balance_transaction.type) == (2750, "refund_failure")
    charge = charge_of(client, intent)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert happened(client, 3) == ["refund.updated", "charge.refund.updated", "refund.failed"]
    assert client.v1.refunds.create({"payment_intent": intent.id, "amount": 5}).amount == 5


def test_a_refund_that_takes_a_while(client, control):
    intent = pay(client, control, "4000000000007726")
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    assert (refund.status, refund.pending_reason, charge_of(client, intent).amount_refunded) == ("pending", "processing", 100)
    control.advance(31)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert happened(client, 2) == ["refund.updated", "charge.refund.updated"]


@pytest.mark.parametrize("result", ["succeed", "fail"])
def test_the_bank_decides_at_once(client, control, result):
    intent = pay(client, control, "4000000000007726")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    ended = control.end_refund(refund.id, result)
    assert ended["status"] == {"succeed": "succeeded", "fail": "failed"}[result]
    control.advance(3600)
    assert client.v1.refunds.retrieve(refund.id).status == ended["status"]


def test_only_what_waits_can_succeed(client, control, captured):
    refund = control.refund(captured.id)
    with pytest.raises(requests.HTTPError):
        control.end_refund(refund["id"], "succeed")
    control.end_refund(refund["id"], "fail", reason="expired_or_canceled_card")
    with pytest.raises(requests.HTTPError):
        control.end_refund(refund["id"], "fail")


def test_the_refunds_of_a_charge_can_be_expanded(client, control, captured):
    control.refund(captured.id, 5)
    intent = client.v1.payment_intents.retrieve(captured.id, {"expand": ["latest_charge.refunds"]})
    assert [r.amount for r in intent.latest_charge.refunds.data] == [5]


def test_metadata_of_a_refund(client, control, captured):
    refund = client.v1.refunds.create({"payment_intent": captured.id, "amount": 5, "metadata": {"a": "1", "b": "2"}})
    changed = client.v1.refunds.update(refund.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


# Disputes.


def test_a_dispute_takes_the_money(client, control, captured):
    before = client.v1.balance.retrieve().available[0].amount
    opened = control.dispute(captured.id, reason="product_not_received")
    dispute = client.v1.disputes.retrieve(opened["id"], {"expand": ["charge", "payment_intent"]})
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "product_not_received", 2750)
    assert (dispute.payment_intent.id, dispute.charge.disputed, dispute.is_charge_refundable) == (captured.id, True, False)
    assert dispute.evidence_details.due_by == dispute.created + 14 * 24 * 60 * 60
    (moved,) = dispute.balance_transactions
    assert (moved.amount, moved.fee, moved.reporting_category) == (-2750, 2000, "dispute")
    assert client.v1.balance.retrieve().available[0].amount == before - 4750
    assert happened(client, 2) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


@pytest.mark.parametrize(
    ("deed", "status", "events"),
    [
        ("win", "won", ["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]),
        ("lose", "lost", ["charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.closed"]),
    ],
)
def test_how_a_dispute_ends(client, control, captured, deed, status, events):
    dispute = control.dispute(captured.id)
    assert control.end_dispute(dispute["id"], "respond")["status"] == "under_review"
    ended = control.end_dispute(dispute["id"], deed)
    assert (ended["status"], ended["is_charge_refundable"]) == (status, deed == "win")
    assert sum(moved["amount"] for moved in ended["balance_transactions"]) == (0 if deed == "win" else -2750)
    assert happened(client, 3) == events
    with pytest.raises(requests.HTTPError):
        control.end_dispute(dispute["id"], "win")


def test_no_refund_while_disputed_nor_when_lost(client, control, captured):
    dispute = control.dispute(captured.id)
    for deed in ("respond", "lose"):
        with pytest.raises(stripe.InvalidRequestError, match="charged back") as caught:
            client.v1.refunds.create({"payment_intent": captured.id})
        assert caught.value.code == "charge_disputed"
        control.end_dispute(dispute["id"], deed)
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        client.v1.refunds.create({"payment_intent": captured.id, "amount": 1})
    assert client.v1.refunds.list().data == []


def test_a_refund_after_a_dispute_was_won(client, control, captured):
    control.end_dispute(control.dispute(captured.id)["id"], "win")
    assert client.v1.refunds.create({"payment_intent": captured.id}).amount == 2750


def test_a_dispute_of_a_part(client, control, captured):
    control.refund(captured.id, 750)
    with pytest.raises(requests.HTTPError):
        control.dispute(captured.id, amount=2001)
    assert control.dispute(captured.id)["amount"] == 2000


def test_an_inquiry_moves_no_money_and_may_escalate(client, control, captured):
    inquiry = control.dispute(captured.id, reason="general", inquiry=True)
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])
    assert happened(client, 1) == ["charge.dispute.created"]
    assert client.v1.refunds.create({"payment_intent": captured.id, "amount": 1}).status == "succeeded"
    with pytest.raises(requests.HTTPError):
        control.end_dispute(inquiry["id"], "lose")
    assert control.end_dispute(inquiry["id"], "escalate")["status"] == "needs_response"
    assert happened(client, 2) == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    assert control.end_dispute(inquiry["id"], "lose")["status"] == "lost"


def test_an_inquiry_that_ends_well(client, control, captured):
    inquiry = control.dispute(captured.id, inquiry=True)
    assert control.end_dispute(inquiry["id"], "win")["status"] == "warning_closed"
    assert happened(client, 1) == ["charge.dispute.closed"]


def test_the_card_that_is_disputed(client, control):
    intent = pay(client, control, "4000000000000259")
    assert client.v1.disputes.list().data == []
    control.advance(31)
    (dispute,) = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.reason) == ("needs_response", "fraudulent")
    assert client.v1.disputes.list({"charge": "ch_other"}).data == []
    control.advance(3600)
    assert len(client.v1.disputes.list().data) == 1


def test_the_card_whose_bank_inquires(client, control):
    pay(client, control, "4000000000001976")
    control.advance(31)
    assert [d.status for d in client.v1.disputes.list().data] == ["warning_needs_response"]


def test_who_was_refunded_first_does_not_dispute(client, control):
    intent = pay(client, control, "4000000000000259")
    client.v1.refunds.create({"payment_intent": intent.id})
    control.advance(3600)
    assert client.v1.disputes.list().data == []
    with pytest.raises(requests.HTTPError):
        control.dispute(intent.id)


def test_what_is_not_captured_is_not_disputed(client, control, authorised):
    with pytest.raises(requests.HTTPError):
        control.dispute(authorised.payment_intent)
    assert control.objects("dispute") == []


# Intents.


def test_cancelled_in_the_dashboard(client, control, authorised):
    assert control.cancel(authorised.payment_intent)["status"] == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(authorised.payment_intent)
    assert caught.value.error.payment_intent.cancellation_reason == "requested_by_customer"
    assert client.v1.events.list({"type": "payment_intent.canceled"}).data[0].request.id is None


def test_captured_in_the_dashboard(client, control, authorised):
    assert control.capture(authorised.payment_intent)["status"] == "succeeded"
    assert client.v1.checkout.sessions.retrieve(authorised.id).payment_status == "paid"


# Delayed methods.


def test_a_bank_account_that_pays(client, control, session):
    paid = control.pay(session.id, "sepa_debit")
    assert (paid["outcome"], paid["session"]["status"], paid["session"]["payment_status"]) == ("processing", "complete", "unpaid")
    assert (paid["payment_intent"]["status"], paid["payment_intent"]["amount_capturable"]) == ("processing", 0)
    assert happened(client, 3) == ["charge.pending", "payment_intent.processing", "checkout.session.completed"]
    settled = control.settle(session.id, "succeed")
    assert (settled["session"]["payment_status"], settled["payment_intent"]["status"]) == ("paid", "succeeded")
    assert happened(client, 3) == [
        "charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded",
    ]  # fmt: skip
    event = client.v1.events.list({"type": "checkout.session.async_payment_succeeded"}).data[0]
    assert event.data.object["payment_status"] == "paid"
    assert client.v1.refunds.create({"payment_intent": settled["payment_intent"]["id"]}).amount == 2750


def test_a_bank_account_that_does_not(client, control, session):
    control.pay(session.id, "sepa_debit")
    settled = control.settle(session.id, "fail")
    assert (settled["session"]["status"], settled["session"]["payment_status"]) == ("complete", "unpaid")
    assert (settled["payment_intent"]["status"], settled["error"]["code"]) == (
        "requires_payment_method", "payment_intent_payment_attempt_failed",
    )  # fmt: skip
    assert happened(client, 3) == [
        "charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed",
    ]  # fmt: skip
    with pytest.raises(requests.HTTPError):
        control.settle(session.id, "succeed")


def test_no_capture_and_no_cancel_while_the_bank_thinks(client, control, session):
    intent = control.pay(session.id, "sepa_debit")["payment_intent"]["id"]
    for verb in (client.v1.payment_intents.capture, client.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            verb(intent)
        assert caught.value.code == "payment_intent_unexpected_state"


# The books.


def test_the_balance_adds_up(client, control, captured):
    control.refund(captured.id, 100)
    control.dispute(captured.id)
    moved = client.v1.balance_transactions.list().data
    assert [(m.type, m.amount) for m in moved] == [("adjustment", -2650), ("refund", -100), ("charge", 2750)]
    assert client.v1.balance.retrieve().available[0].amount == sum(m.net for m in moved)
    (refund,) = client.v1.balance_transactions.list({"type": "refund", "expand": ["data.source"]}).data
    assert (refund.source.object, refund.source.amount) == ("refund", 100)
    (charge,) = client.v1.balance_transactions.list({"source": captured.latest_charge}).data
    assert charge.fee_details[0].amount == charge.fee


def test_charges_can_be_listed(client, control, captured):
    other = pay(client, control)
    assert [c.id for c in client.v1.charges.list().data] == [other.latest_charge, captured.latest_charge]
    assert [c.id for c in client.v1.charges.list({"payment_intent": captured.id}).data] == [captured.latest_charge]


def test_the_other_sides_own_record(client, control, captured):
    control.refund(captured.id, 100)
    assert [i["id"] for i in control.objects("payment_intent")] == [captured.id]
    assert [r["amount"] for r in control.objects("refund")] == [100]
    assert control.objects("nothing") == []
    with pytest.raises(requests.HTTPError):
        control.objects("private.card")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("refund", {}, 400),
        ("refund", {"payment_intent": "pi_none"}, 404),
        ("refund", {"payment_intent": "pi_none", "amount": 0}, 400),
        ("refunds/re_none", {"result": "succeed"}, 404),
        ("refunds/re_none", {"result": "maybe"}, 400),
        ("cancel", {"payment_intent": "pi_none"}, 404),
        ("dispute", {"payment_intent": "pi_none"}, 404),
        ("dispute", {"payment_intnet": "pi_none"}, 400),
        ("disputes/du_none", {"deed": "win"}, 404),
        ("disputes/du_none", {"deed": "bribe"}, 400),
    ],
)
def test_bad_deeds(local, path, body, status):
    headers = {"Authorization": "Bearer let-me-in"}
    assert requests.post(f"{local.url}/_local/dashboard/{path}", json=body, headers=headers, timeout=5).status_code == status
