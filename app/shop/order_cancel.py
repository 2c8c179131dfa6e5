"""A fan cancels their order, as long as nobody has begun to pack it."""

from flask import Response, jsonify, make_response, render_template

from app.accounts import audit
from app.checkout import cancel
from app.kernel.errors import Conflict
from app.reports.order_page import OrderPage, order_page
from app.shop.blueprint import bp
from app.shop.hold_answers import see
from app.web import links
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import now, reading, transaction


@bp.get("/orders/<token>/cancel")
def order_cancel(token: str) -> Response:
    """What it means, and the button. 409 where it is too late."""
    page = _look(token)
    if not page.may_cancel:
        raise Conflict("This order cannot be cancelled here any more. If something is wrong with it, write to the label.")
    return make_response(render_template("shop/order_cancel.html", page=page, token=token, **colophon(page.label)))


@bp.post("/orders/<token>/cancel")
def order_cancel_do(token: str) -> Response:
    """303 to the order, which says what becomes of the money; to a program what the order is now."""
    with transaction() as session:
        order = links.order_of_token(session, token)
        cancel.cancel_by_fan(session, order.id, now())
        what = {"number": order.reference}
        audit.note(session, "order.cancelled_by_fan", "order", order.id, now=now(), staff_id=None, label_id=order.label_id, **what)
    page = _look(token)
    return jsonify(state=page.progress.value) if wants_json() else see(f"/orders/{token}")


def _look(token: str) -> OrderPage:
    with reading() as session:
        return order_page(session, links.order_of_token(session, token))
