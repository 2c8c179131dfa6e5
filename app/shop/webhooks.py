"""Stripe's webhook: verified, remembered with the sync it causes, answered; the work is done by the worker."""

from flask import Response, jsonify, request

from app.checkout.sync import hear
from app.kernel import heartbeat
from app.payments import inbox
from app.payments.inbox import BadSignature
from app.reports.checks_page import REFUSED
from app.shop.blueprint import bp
from app.web import links
from app.web.errors import problem
from app.web.house import house, now, reading, transaction

_LARGEST = 256 * 1024  # bytes; Stripe's own events are far smaller
_APART = 10.0  # seconds


@bp.post("/webhooks/stripe")
def stripe_event() -> Response:
    """200 once the event is stored; 400, and nothing stored, when Stripe did not sign it just now."""
    request.max_content_length = _LARGEST
    payload = request.get_data(cache=False)
    settings = house().settings
    secrets = [secret.get_secret_value() for secret in settings.stripe_webhook_secret]
    try:
        event = inbox.verify(payload, request.headers.get("Stripe-Signature", ""), secrets, now())
    except BadSignature as refusal:
        _note_refused()
        return problem(refusal)
    with transaction() as session:
        heard = hear(session, event, links.shop_id(), now(), live=settings.live)
    return jsonify(heard=heard)


def _note_refused() -> None:
    """For the check that waits for a message; once in ten seconds, as anybody may send us such things."""
    with reading() as session:
        age = heartbeat.age(session, REFUSED, now())
    if age is None or age > _APART:
        with transaction() as session:
            heartbeat.beat(session, REFUSED, now())
