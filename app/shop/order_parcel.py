"""A fan says whether an order leaves together with their others."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from app.checkout import apart
from app.fulfilment import together
from app.shop.blueprint import bp
from app.shop.hold_answers import see
from app.web import links
from app.web.errors import wants_json
from app.web.house import now, reading, transaction


@bp.post("/orders/<token>/alone")
def order_alone(token: str) -> Response:
    """303 to the order, which leaves on its own. 409 once packing has begun, or the postage went back."""
    return _say(token, apart.by_fan)


@bp.post("/orders/<token>/together")
def order_together(token: str) -> Response:
    """303 to the order, which leaves with the fan's others to the same address after all. 409 once packing has begun."""
    return _say(token, apart.together_by_fan)


def _say(token: str, verb: Callable[[Session, int, datetime], Any]) -> Response:
    with transaction() as session:
        verb(session, links.order_of_token(session, token).id, now())
    if not wants_json():
        return see(f"/orders/{token}")
    with reading() as session:
        order = links.order_of_token(session, token)
        others = [each.reference for each in together.orders(session, order.id) if each.id != order.id]
    return jsonify(reference=order.reference, leaves_with=others)
